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

/// The reading of its class's virtual clock at which a task is done, then the task, in one number that sorts by them: no
/// reading is negative, and the bits of such floats sort as they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member(u128);

impl Member {
    const fn new(until: f64, task: TaskIx) -> Self {
        Self((until.to_bits() as u128) << 32 | task.0 as u128)
    }

    const fn until(self) -> f64 {
        f64::from_bits((self.0 >> 32) as u64)
    }

    const fn task(self) -> TaskIx {
        TaskIx(self.0 as u32)
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

    /// Adds a task that needs `amount` and can use `cap` for each nanosecond. Call [`Pool::share`] afterwards.
    pub(super) fn insert(&mut self, now: u64, task: TaskIx, amount: f64, cap: f64) {
        self.advance(now);
        let cap = cap.min(self.capacity);
        let member = |received: f64| Reverse(Member::new(received + amount, task));
        let at = self.classes.partition_point(|class| class.cap < cap);
        match self.classes.get_mut(at) {
            Some(class) if class.cap <= cap => class.members.push(member(class.received)),
            _ => {
                let mut members = self.spare.pop().unwrap_or_default();
                members.push(member(0.0));
                self.classes.insert(at, Class { cap, rate: 0.0, received: 0.0, members });
            }
        }
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
        let spare = &mut self.spare;
        self.classes.retain_mut(|class| {
            while let Some(&Reverse(member)) = class.members.peek() {
                if member.until() - class.received > DONE {
                    return true;
                }
                class.members.pop();
                done.push(member.task());
            }
            spare.push(std::mem::take(&mut class.members));
            false
        });
        self.next = 0;
    }

    /// Computes rates and the next completion anew if members came or went. Tells when the next member finishes if none
    /// arrives before; `u64::MAX` for never.
    #[inline]
    pub(super) fn share(&mut self) -> u64 {
        if self.next == 0 {
            self.share_anew();
        }
        self.next
    }

    /// Fills the classes from the smallest cap up: each member gets its cap or an equal part of what is left.
    fn share_anew(&mut self) {
        let mut left = self.capacity - self.reserved.min(self.capacity / 2.0);
        let mut members = self.classes.iter().map(|class| class.members.len()).sum::<usize>();
        for class in &mut self.classes {
            // Nothing is divided for one member alone: most are, and divisions are what takes the time here.
            let part = if members == 1 { left } else { left / members as f64 };
            class.rate = class.cap.min(part);
            left -= class.rate * class.members.len() as f64;
            members -= class.members.len();
        }
        // What is not left is in use, by members or by others.
        let pace = pace(self.crowding, self.capacity, self.capacity - left);
        let mut wait = f64::INFINITY;
        for class in &mut self.classes {
            let Some(&Reverse(first)) = class.members.peek() else { continue };
            class.rate *= pace;
            wait = wait.min((first.until() - class.received) / class.rate);
        }
        self.next = self.clock.saturating_add(round_up(wait)).max(1);
    }

    /// The amount that all tasks together get for each nanosecond. Call [`Pool::share`] before.
    pub(super) fn used(&self) -> f64 {
        let rates = self.classes.iter().map(|class| class.rate * class.members.len() as f64);
        // From a positive zero: the sum of nothing would be a negative one.
        rates.fold(0.0, |all, rate| all + rate).min(self.capacity)
    }

    fn advance(&mut self, now: u64) {
        if now > self.clock {
            let elapsed = (now - self.clock).cast_signed() as f64;
            for class in &mut self.classes {
                class.received += class.rate * elapsed;
            }
            self.clock = now;
        }
    }

    /// Cap, rate and number of members of each class.
    #[cfg(test)]
    pub(super) fn rates(&self) -> Vec<(f64, f64, usize)> {
        self.classes.iter().map(|class| (class.cap, class.rate, class.members.len())).collect()
    }
}

/// The next whole number, where it is below 2^63: 292 years of nanoseconds. `u64::MAX` beyond. A member that rounding left
/// slightly overdue is due now.
fn round_up(wait: f64) -> u64 {
    if wait >= i64::MAX as f64 {
        return u64::MAX;
    }
    // Signed, because processors convert such numbers in one instruction; `as` cuts off what follows the point.
    let whole = wait.max(0.0) as i64;
    whole.unsigned_abs() + u64::from((whole as f64) < wait)
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
        assert_eq!(pool.share(), 1_000_000_000);
        pool.insert(500_000_000, TaskIx(1), 1e9, 1.0);
        assert_eq!(pool.share(), 1_500_000_000);
        let mut done = Vec::new();
        pool.take_done(1_500_000_000, &mut done);
        assert_eq!((done, pool.share()), (vec![TaskIx(0)], 2_000_000_000));
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let cases = [(0.0, 0), (1e-9, 1), (1.0, 1), (1.5, 2), (-0.7, 0), (9e18, 9_000_000_000_000_000_000)];
        for (wait, whole) in cases {
            assert_eq!(round_up(wait), whole, "{wait}");
        }
        assert_eq!([1e19, f64::INFINITY].map(round_up), [u64::MAX; 2]);
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
