//! How the process is asked to stop.

/// Resolves when the process is asked to stop: Ctrl-C, or SIGTERM. Signals are listened for from this call on, so
/// that one that comes while the process starts is not its sudden end.
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        async move {
            let [mut interrupt, mut terminate] = signals.map(|signal| {
                signal.inspect_err(|why| tracing::warn!(%why, "one signal can't be listened for")).ok()
            });
            tokio::select! {
                () = received(&mut interrupt) => {}
                () = received(&mut terminate) => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Lets a write that would make a file larger than this process may fail, as one onto a full disk does. Without a
/// listener the system ends the process by a signal instead. To be called within the runtime.
pub fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The listener is not needed: that there ever was one is enough.
        if let Err(why) = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())) {
            tracing::warn!(%why, "the signal of the file size limit can't be listened for");
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
