//! The listening sockets, bound before anything is written: a port in use must cost nothing.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use super::ServeError;
use crate::{
    config::{Config, Place},
    gateway::{self, Listener},
};

/// All sockets but the control socket, which is bound last.
pub(super) struct Sockets {
    /// Those of each worker.
    pub(super) workers: Vec<Vec<Listener>>,
    /// Where guests come in.
    pub(super) ready: Vec<SocketAddr>,
    pub(super) forward_auth: Option<Place>,
    pub(super) admin: TcpListener,
    pub(super) http: Option<TcpListener>,
}

impl Sockets {
    /// Binds every address. The public port is the bound one, unless the configuration says otherwise.
    pub(super) fn bind(config: &mut Config) -> Result<Self, ServeError> {
        let n_workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut workers: Vec<Vec<Listener>> = (0..n_workers).map(|_| Vec::new()).collect();
        let mut ready = Vec::new();
        for address in &config.listen.https {
            let bound = many(*address, n_workers)?;
            ready.extend(bound.first().and_then(|socket| socket.local_addr().ok()));
            workers.iter_mut().zip(bound).for_each(|(worker, socket)| worker.push(Listener::Https(socket)));
        }
        if config.listen.public_port.is_none() {
            config.listen.public_port = ready.first().map(SocketAddr::port);
        }
        let forward_auth = match &config.listen.forward_auth {
            None => None,
            Some(Place::Tcp(address)) => {
                let bound = many(*address, n_workers)?;
                let at = bound.first().and_then(|socket| socket.local_addr().ok()).unwrap_or(*address);
                workers.iter_mut().zip(bound).for_each(|(worker, socket)| worker.push(Listener::ForwardAuth(socket)));
                Some(Place::Tcp(at))
            }
            Some(place @ Place::Unix(path)) => {
                let refused = |cause: io::Error| ServeError::File(path.clone(), cause);
                let bound = gateway::bind_place(path).map_err(refused)?;
                for worker in &mut workers {
                    worker.push(Listener::ForwardAuthLocal(bound.try_clone().map_err(refused)?));
                }
                Some(place.clone())
            }
        };
        let (admin, http) = (one(config.listen.admin)?, config.listen.http.map(one).transpose()?);
        Ok(Self { workers, ready, forward_auth, admin, http })
    }
}

fn many(address: SocketAddr, n_workers: usize) -> Result<Vec<TcpListener>, ServeError> {
    gateway::bind(address, n_workers).map_err(|cause| ServeError::Listen(address, cause))
}

fn one(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let bound = TcpListener::bind(address).and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
    bound.map_err(|cause| ServeError::Listen(address, cause))
}
