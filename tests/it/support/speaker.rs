//! Whoever answers where the provider should be, below all manners of HTTP.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does with each request, once it has read it.
#[derive(Clone, Copy)]
pub enum Speaks {
    /// Says this and hangs up.
    Words(&'static [u8]),
    /// Holds the line and says nothing.
    Nothing,
    /// Says this, and then spaces without end.
    OnAndOn(&'static [u8]),
}

/// One that listens until its task is stopped, and where.
pub async fn speaker(speaks: Speaks) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match speaks {
                Speaks::Words(words) => say(&mut stream, words).await,
                Speaks::Nothing => held.push(stream),
                Speaks::OnAndOn(words) => {
                    tokio::spawn(go_on(stream, words));
                }
            }
        }
    });
    (url, task)
}

async fn say(stream: &mut TcpStream, words: &[u8]) {
    let mut request = vec![0; 64 * 1024];
    let _ = stream.read(&mut request).await;
    let _ = stream.write_all(words).await;
    let _ = stream.shutdown().await;
}

async fn go_on(mut stream: TcpStream, words: &[u8]) {
    let mut request = vec![0; 64 * 1024];
    let _ = stream.read(&mut request).await;
    let _ = stream.write_all(words).await;
    while stream.write_all(&[b' '; 1_024]).await.is_ok() {}
}
