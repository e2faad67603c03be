//! A fault proxy: what stands between the nodes and the provider, and between the nodes and PostgreSQL, and does
//! to their connections what networks do. Also the plain forwarder by which the provider reaches a living node.

mod faults;

pub use faults::{Fault, Mix};

use crate::{
    base::{Outcome, free_listener, held},
    chance::Chance,
};
use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
    sync::watch,
};

/// Where connections are led.
#[derive(Clone)]
pub enum Upstream {
    /// To an address.
    Tcp(SocketAddr),
    /// To a socket in a folder.
    Unix(PathBuf),
    /// To whatever lives just now.
    Living(Arc<dyn Fn() -> Option<SocketAddr> + Send + Sync>),
}

/// A proxy. Clones share it.
#[derive(Clone)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    upstream: Upstream,
    mix: Mutex<Mix>,
    chance: Mutex<Chance>,
    /// How often what is open was shaken.
    shaken: watch::Sender<u64>,
    faults: AtomicU64,
}

impl Proxy {
    /// Opens one that does no harm yet.
    pub async fn open(upstream: Upstream, chance: Chance) -> Outcome<Self> {
        let listener = free_listener().await?;
        let address = listener.local_addr().map_err(|why| why.to_string())?;
        let inner = Arc::new(Inner {
            upstream,
            mix: Mutex::new(Mix::HARMLESS),
            chance: Mutex::new(chance),
            shaken: watch::channel(0).0,
            faults: AtomicU64::new(0),
        });
        let proxy = Self { address, inner: Arc::clone(&inner) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let plan = inner.plan();
                if plan.is_some() {
                    inner.faults.fetch_add(1, Ordering::Relaxed);
                }
                let _ = client.set_nodelay(true);
                let inner = Arc::clone(&inner);
                tokio::spawn(async move {
                    faults::carry(client, &inner.upstream, plan, inner.shaken.subscribe()).await;
                });
            }
        });
        Ok(proxy)
    }

    /// From now on connections fare so.
    pub fn mix(&self, mix: Mix) {
        *held(&self.inner.mix) = mix;
    }

    /// Cuts every open connection that is not silent already.
    pub fn shake(&self) {
        self.inner.shaken.send_modify(|count| *count += 1);
        self.inner.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// How many faults there were.
    pub fn faults(&self) -> u64 {
        self.inner.faults.load(Ordering::Relaxed)
    }
}

impl Inner {
    /// What will be done to the next connection.
    fn plan(&self) -> Option<faults::Plan> {
        let mix = *held(&self.mix);
        faults::Plan::draw(mix, &mut held(&self.chance))
    }
}

/// A connection to wherever it leads.
pub enum Line {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a socket of this machine.
    Unix(UnixStream),
}

impl Upstream {
    async fn connect(&self) -> io::Result<Line> {
        let to = match self {
            Self::Unix(path) => return Ok(Line::Unix(UnixStream::connect(path).await?)),
            Self::Tcp(address) => *address,
            Self::Living(find) => find().ok_or(io::ErrorKind::ConnectionRefused)?,
        };
        let line = TcpStream::connect(to).await?;
        line.set_nodelay(true)?;
        Ok(Line::Tcp(line))
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, into: &mut ReadBuf) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(line) => Pin::new(line).poll_read(context, into),
            Self::Unix(line) => Pin::new(line).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context, from: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(line) => Pin::new(line).poll_write(context, from),
            Self::Unix(line) => Pin::new(line).poll_write(context, from),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(line) => Pin::new(line).poll_flush(context),
            Self::Unix(line) => Pin::new(line).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(line) => Pin::new(line).poll_shutdown(context),
            Self::Unix(line) => Pin::new(line).poll_shutdown(context),
        }
    }
}
