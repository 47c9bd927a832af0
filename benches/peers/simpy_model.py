"""The simulator's model written in SimPy, to be measured beside it by benches/sim.rs.

Reads a plan as JSON from standard input and runs it as often as the argument says. Prints the makespan and the seconds that all
runs took, without the start of Python. The model is that of docs/simulation.md: latency, network, disk and cores in this order,
each resource shared max-min with a cap for each task, and cores that slow each other down.
"""

import json
import sys
import time

import simpy


class Pool:
    """A resource that tasks share."""

    def __init__(self, env, capacity, crowding=0.0):
        self.env = env
        self.capacity = capacity
        self.crowding = crowding
        self.members = {}
        self.since = 0.0
        self.changes = 0

    def use(self, amount, cap):
        """An event that happens once `amount` has been worked off."""
        self.progress()
        done = self.env.event()
        self.members[done] = [amount, min(cap, self.capacity), 0.0]
        self.share()
        return done

    def progress(self):
        elapsed = self.env.now - self.since
        self.since = self.env.now
        for member in self.members.values():
            member[0] -= member[2] * elapsed

    def share(self):
        self.changes += 1
        if not self.members:
            return
        left, count = self.capacity, len(self.members)
        for member in sorted(self.members.values(), key=lambda member: member[1]):
            member[2] = min(member[1], left / count)
            left -= member[2]
            count -= 1
        pace = 1 - self.crowding * max(self.capacity - left - 1, 0) / max(self.capacity, 1)
        for member in self.members.values():
            member[2] *= pace
        wait = min(member[0] / member[2] for member in self.members.values())
        self.env.process(self.complete(max(wait, 0.0), self.changes))

    def complete(self, wait, changes):
        yield self.env.timeout(wait)
        if changes != self.changes:
            return
        self.progress()
        for done in [done for done, member in self.members.items() if member[0] < 1e-6 * member[1]]:
            del self.members[done]
            done.succeed()
        self.share()


def task(env, pools, work, inputs, done):
    if inputs:
        yield env.all_of(inputs)
    if work["latency"] > 0:
        yield env.timeout(work["latency"])
    for pool in ("network", "disk"):
        if work[pool] > 0:
            yield pools[pool].use(work[pool], float("inf"))
    if work["cpu"] > 0:
        yield pools["cores"].use(work["cpu"], work["cores"])
    done.succeed()


def makespan(plan):
    env = simpy.Environment()
    machine = plan["machine"]
    pools = {
        "network": Pool(env, machine["network"]),
        "disk": Pool(env, machine["disk"]),
        "cores": Pool(env, machine["cores"], machine["crowding"]),
    }
    done = [env.event() for _ in plan["tasks"]]
    for work, own in zip(plan["tasks"], done):
        env.process(task(env, pools, work, [done[at] for at in work["inputs"]], own))
    env.run(env.all_of(done))
    return env.now


def main():
    plan = json.load(sys.stdin)
    runs = int(sys.argv[1])
    result = 0.0
    start = time.perf_counter()
    for _ in range(runs):
        result = makespan(plan)
    print(result, time.perf_counter() - start)


main()
