//! One resource that tasks share: cores, a network link or a disk.
//!
//! Owns max-min fair sharing with a cap for each task. Knows only amounts, rates and a clock, not what they stand for.
//!
//! Tasks with the same cap always run at the same rate, so they are kept in classes. A class has a *virtual clock*
//! that counts what each member has received; a member that arrives at virtual time `v` with `w` to do leaves at `v + w`,
//! whatever the rates do in between. So a change of rates touches each class once instead of each task, and an arrival
//! or departure costs O(log members + classes).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::machine::pace;
use super::plan::TaskIx;

/// Amounts closer than this to done are done. Half a core-nanosecond or half a byte: below the simulator's resolution.
const DONE: f64 = 0.5;

/// A resource of fixed capacity, and the tasks that share it now.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    /// Amount for each nanosecond.
    capacity: f64,
    /// What each further unit in use costs all of them; see [`pace`].
    crowding: f64,
    /// What others than members take of it at present, for each nanosecond.
    reserved: f64,
    /// Those with members, sorted by cap.
    classes: Vec<Class>,
    /// Memory of classes that lost their last member.
    spare: Vec<BinaryHeap<Reverse<Member>>>,
    /// The instant to which all virtual clocks were advanced.
    clock: u64,
    /// When the next member finishes if nothing changes; `u64::MAX` while empty.
    next: u64,
}

/// Members with one cap.
#[derive(Debug, Clone)]
struct Class {
    /// The most that one member can use for each nanosecond.
    cap: f64,
    /// What each member gets now for each nanosecond.
    rate: f64,
    /// What each member has received since the class had its first.
    received: f64,
    members: BinaryHeap<Reverse<Member>>,
}

/// A task and the reading of its class's virtual clock at which it is done.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Member {
    until: f64,
    task: TaskIx,
}

impl Eq for Member {}

impl Ord for Member {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.until.total_cmp(&other.until).then(self.task.cmp(&other.task))
    }
}

impl PartialOrd for Member {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Pool {
    /// Empties the pool and gives it a capacity, keeping its memory.
    pub(super) fn reset(&mut self, capacity: f64, crowding: f64) {
        self.capacity = capacity;
        self.crowding = crowding;
        self.reserved = 0.0;
        self.clock = 0;
        self.next = u64::MAX;
        self.spare.extend(self.classes.drain(..).map(|mut class| {
            class.members.clear();
            class.members
        }));
    }

    /// When the next member finishes, if none arrives before.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Adds a task that needs `amount` and can use `cap` for each nanosecond. Call [`Pool::share`] afterwards.
    pub(super) fn insert(&mut self, now: u64, task: TaskIx, amount: f64, cap: f64) {
        self.advance(now);
        let cap = cap.min(self.capacity);
        let at = self.classes.partition_point(|class| class.cap < cap);
        if self.classes.get(at).is_none_or(|class| class.cap > cap) {
            let members = self.spare.pop().unwrap_or_default();
            self.classes.insert(at, Class { cap, rate: 0.0, received: 0.0, members });
        }
        let class = &mut self.classes[at];
        class.members.push(Reverse(Member { until: class.received + amount, task }));
        // Zero tells that rates are stale.
        self.next = 0;
    }

    /// Takes `change` more from the members than before, or gives it back if negative. They keep half of the capacity at
    /// least. Call [`Pool::share`] afterwards.
    pub(super) fn reserve(&mut self, now: u64, change: f64) {
        self.advance(now);
        self.reserved = (self.reserved + change).max(0.0);
        self.next = 0;
    }

    /// Takes out every task that is done by `now`, in order of class and completion.
    #[inline]
    pub(super) fn take_done(&mut self, now: u64, done: &mut Vec<TaskIx>) {
        if self.next <= now {
            self.take_out(now, done);
        }
    }

    fn take_out(&mut self, now: u64, done: &mut Vec<TaskIx>) {
        self.advance(now);
        for class in &mut self.classes {
            while let Some(&Reverse(member)) = class.members.peek() {
                if member.until - class.received > DONE {
                    break;
                }
                class.members.pop();
                done.push(member.task);
            }
        }
        while let Some(empty) = self.classes.iter().position(|class| class.members.is_empty()) {
            self.spare.push(self.classes.remove(empty).members);
        }
        self.next = 0;
    }

    /// Computes rates and the next completion anew if members came or went.
    #[inline]
    pub(super) fn share(&mut self) {
        if self.next == 0 {
            self.share_anew();
        }
    }

    /// Fills the classes from the smallest cap up: each member gets its cap or an equal part of what is left.
    fn share_anew(&mut self) {
        let mut left = self.capacity - self.reserved.min(self.capacity / 2.0);
        let mut members = self.classes.iter().map(|class| class.members.len()).sum::<usize>();
        for class in &mut self.classes {
            class.rate = class.cap.min(left / members as f64);
            left -= class.rate * class.members.len() as f64;
            members -= class.members.len();
        }
        // What is not left is in use, by members or by others.
        let pace = pace(self.crowding, self.capacity, self.capacity - left);
        let mut wait = f64::INFINITY;
        for class in &mut self.classes {
            let Some(&Reverse(first)) = class.members.peek() else { continue };
            class.rate *= pace;
            wait = wait.min((first.until - class.received) / class.rate);
        }
        // `as` saturates: an infinite wait is `u64::MAX`, a member that rounding left slightly overdue is due now.
        #[allow(clippy::cast_sign_loss)]
        let wait = wait.ceil() as u64;
        self.next = self.clock.saturating_add(wait).max(1);
    }

    /// The amount that all tasks together get for each nanosecond. Call [`Pool::share`] before.
    pub(super) fn used(&self) -> f64 {
        let rates = self.classes.iter().map(|class| class.rate * class.members.len() as f64);
        // From a positive zero: the sum of nothing would be a negative one.
        rates.fold(0.0, |all, rate| all + rate).min(self.capacity)
    }

    fn advance(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.clock) as f64;
        if elapsed > 0.0 {
            for class in &mut self.classes {
                class.received += class.rate * elapsed;
            }
        }
        self.clock = now;
    }

    /// Cap, rate and number of members of each class.
    #[cfg(test)]
    pub(super) fn rates(&self) -> Vec<(f64, f64, usize)> {
        self.classes.iter().map(|class| (class.cap, class.rate, class.members.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pool(capacity: f64, caps: &[f64]) -> Pool {
        let mut pool = Pool::default();
        pool.reset(capacity, 0.0);
        for (at, &cap) in caps.iter().enumerate() {
            pool.insert(0, TaskIx::new(at), 1e9, cap);
        }
        pool.share();
        pool
    }

    #[test]
    fn whoever_can_use_little_leaves_the_rest_to_others() {
        assert_eq!(pool(4.0, &[0.5, 1.0, 4.0]).rates(), [(0.5, 0.5, 1), (1.0, 1.0, 1), (4.0, 2.5, 1)]);
        assert_eq!(pool(2.0, &[1.0, 1.0, 1.0, 8.0]).rates(), [(1.0, 0.5, 3), (2.0, 0.5, 1)]);
    }

    #[test]
    fn busy_cores_slow_each_other_down() {
        let mut pool = pool(2.0, &[1.0]);
        pool.crowding = 0.2;
        assert_eq!(pool.rates(), [(1.0, 1.0, 1)]);
        pool.insert(0, TaskIx(1), 1e9, 1.0);
        pool.share();
        assert_eq!(pool.rates(), [(1.0, 0.9, 2)]);
        pool.reserve(0, 1.0);
        pool.share();
        assert_eq!(pool.rates(), [(1.0, 0.45, 2)], "half of the cores is left, and both are busy");
    }

    #[test]
    fn a_late_arrival_delays_the_first() {
        let mut pool = pool(1.0, &[1.0]);
        assert_eq!(pool.next(), 1_000_000_000);
        pool.insert(500_000_000, TaskIx(1), 1e9, 1.0);
        pool.share();
        assert_eq!(pool.next(), 1_500_000_000);
        let mut done = Vec::new();
        pool.take_done(1_500_000_000, &mut done);
        pool.share();
        assert_eq!((done, pool.next()), (vec![TaskIx(0)], 2_000_000_000));
    }

    proptest! {
        #[test]
        fn sharing_is_fair_and_wastes_nothing(
            capacity in 0.5_f64..64.0,
            caps in prop::collection::vec(0.1_f64..64.0, 1..40),
        ) {
            let rates = pool(capacity, &caps).rates();
            let used: f64 = rates.iter().map(|&(_, rate, members)| rate * members as f64).sum();
            let usable: f64 = caps.iter().map(|cap| cap.min(capacity)).sum();
            prop_assert!((used - usable.min(capacity)).abs() < 1e-9 * capacity);
            let most = rates.iter().map(|&(_, rate, _)| rate).fold(0.0, f64::max);
            for (cap, rate, _) in rates {
                prop_assert!(rate <= cap);
                // Max-min: only who is at its cap gets less than another.
                prop_assert!(rate >= cap.min(most) - 1e-9);
            }
        }
    }
}
