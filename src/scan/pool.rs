//! Work on many things by several threads, with results in the order of the things.

use std::num::NonZero;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Things per thread that may be in work or done and not taken yet: enough that a slow one does not stop the others, few enough
/// that their results are small.
const WINDOW: usize = 16;

/// The stack of a thread: as large as that of a program, on which all limits of nesting were tried.
const STACK: usize = 8 << 20;

/// What the threads have in common.
struct Shared<I> {
    things: Mutex<Things<I>>,
    room: Condvar,
}

struct Things<I> {
    left: I,
    next: usize,
    /// How many results were taken.
    taken: usize,
    is_over: bool,
}

/// Does `work` on each thing and gives the results to `take`, in the order of the things. What is in memory is bounded by the
/// number of threads, however many things there are. Ends early where `take` fails.
///
/// # Errors
/// That of `take`.
pub fn ordered<I, T, R, E>(
    things: I,
    threads: NonZero<usize>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    I: Iterator<Item = T> + Send,
    T: Send,
    R: Send,
{
    let window = threads.get() * WINDOW;
    let things = Things { left: things, next: 0, taken: 0, is_over: false };
    let shared = Shared { things: Mutex::new(things), room: Condvar::new() };
    let (sender, receiver) = sync_channel(window);
    thread::scope(|scope| {
        let started = (0..threads.get()).filter(|_| {
            let (shared, work, sender) = (&shared, &work, sender.clone());
            let run = move || worker(shared, window, work, &sender);
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).is_ok()
        });
        // With one thread less all is done all the same; without any there is only this one.
        if started.count() == 0 {
            let things = &mut shared.things.lock().unwrap_or_else(PoisonError::into_inner).left;
            return things.map(&work).try_for_each(take);
        }
        drop(sender);
        let mut early: Vec<Option<R>> = (0..window).map(|_| None).collect();
        let mut next = 0;
        for (at, result) in receiver {
            early[at % window] = Some(result);
            while let Some(result) = early[next % window].take() {
                next += 1;
                let taken = take(result);
                shared.update(|things| {
                    things.taken = next;
                    things.is_over |= taken.is_err();
                });
                taken?;
            }
        }
        Ok(())
    })
}

fn worker<I: Iterator<Item = T>, T, R>(
    shared: &Shared<I>,
    window: usize,
    work: &impl Fn(T) -> R,
    sender: &SyncSender<(usize, R)>,
) {
    while let Some((at, thing)) = shared.next(window) {
        if sender.send((at, work(thing))).is_err() {
            return;
        }
    }
}

impl<I: Iterator> Shared<I> {
    fn next(&self, window: usize) -> Option<(usize, I::Item)> {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        while !things.is_over && things.next >= things.taken + window {
            things = self.room.wait(things).unwrap_or_else(PoisonError::into_inner);
        }
        if things.is_over {
            return None;
        }
        let Some(thing) = things.left.next() else {
            things.is_over = true;
            return None;
        };
        things.next += 1;
        Some((things.next - 1, thing))
    }
}

impl<I> Shared<I> {
    fn update(&self, change: impl FnOnce(&mut Things<I>)) {
        change(&mut self.things.lock().unwrap_or_else(PoisonError::into_inner));
        self.room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_few_wait() {
        for threads in [1, 2, 7] {
            let threads = NonZero::new(threads).unwrap();
            let (given, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let things = (0..1000_usize).inspect(|_| {
                given.fetch_add(1, Ordering::SeqCst);
            });
            let mut taken = Vec::new();
            let done = ordered(
                things,
                threads,
                |thing| {
                    // The first of each hundred takes longest.
                    (0..if thing % 100 == 0 { 200_000 } else { 1 }).for_each(|turn| {
                        std::hint::black_box(turn);
                    });
                    thing
                },
                |thing| {
                    most.fetch_max(given.load(Ordering::SeqCst) - taken.len(), Ordering::SeqCst);
                    taken.push(thing);
                    Ok::<(), ()>(())
                },
            );
            assert_eq!(done, Ok(()));
            assert!(taken.iter().copied().eq(0..1000));
            assert!(most.into_inner() <= threads.get() * WINDOW + 1);
        }
    }

    #[test]
    fn who_takes_may_stop() {
        let mut left = 10;
        let stopped = ordered(
            0..,
            NonZero::new(3).unwrap(),
            |thing: u64| thing,
            |_| {
                left -= 1;
                if left == 0 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!(stopped, Err("enough"));
    }
}
