//! Signals that end the program, held while a file is written, so that nothing half-done is left behind.

use std::io;

/// While this lives, signals that end the program wait.
#[derive(Debug)]
pub(super) struct Held(());

#[cfg(unix)]
mod handlers {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, OnceLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::flag::{register_conditional_default, register_usize};
    use signal_hook::low_level::emulate_default_handler;

    /// Whether signals do what they do, and the one that came.
    struct State {
        is_idle: Arc<AtomicBool>,
        came: Arc<AtomicUsize>,
    }

    fn state() -> &'static State {
        static STATE: OnceLock<State> = OnceLock::new();
        STATE.get_or_init(|| {
            let state = State { is_idle: Arc::new(AtomicBool::new(true)), came: Arc::default() };
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ] {
                // Where a handler cannot be set, the signal ends the program as it did before.
                let set = register_conditional_default(signal, Arc::clone(&state.is_idle)).and_then(|_| {
                    register_usize(signal, Arc::clone(&state.came), signal.unsigned_abs() as usize)
                });
                drop(set);
            }
            state
        })
    }

    pub(super) fn hold() {
        state().is_idle.store(false, Ordering::SeqCst);
    }

    /// Whether a signal came that ends the program. Too large a file is an error of its own.
    pub(super) fn came() -> bool {
        let came = state().came.load(Ordering::SeqCst);
        came != 0 && came != SIGXFSZ.unsigned_abs() as usize
    }

    /// Does what a signal would have done that came meanwhile.
    pub(super) fn release() {
        let state = state();
        state.is_idle.store(true, Ordering::SeqCst);
        let came = state.came.swap(0, Ordering::SeqCst);
        if let Some(signal) = i32::try_from(came).ok().filter(|signal| ![0, SIGXFSZ].contains(signal)) {
            let _ = emulate_default_handler(signal);
        }
    }
}

#[cfg(not(unix))]
mod handlers {
    pub(super) fn hold() {}

    pub(super) fn came() -> bool {
        false
    }

    pub(super) fn release() {}
}

impl Held {
    pub(super) fn new() -> Self {
        handlers::hold();
        Self(())
    }
}

/// Stops where a signal waits.
pub(super) fn none_waits() -> io::Result<()> {
    if handlers::came() { Err(io::Error::from(io::ErrorKind::Interrupted)) } else { Ok(()) }
}

impl Drop for Held {
    /// Whatever was half-done is gone by now, since it was made later.
    fn drop(&mut self) {
        handlers::release();
    }
}
