//! The listening sockets: those that a running process or systemd passes on, else bound here, before anything is written, so that a port
//! in use costs nothing.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::Path,
};

use listenfd::ListenFd;

use super::{
    ServeError,
    passing::{Passed, Role, Socket},
};
use crate::{
    config::{Config, Place},
    gateway::{self, Listener},
};

/// All sockets.
pub(super) struct Sockets {
    /// Those of each worker.
    pub(super) workers: Vec<Vec<Listener>>,
    /// Where guests come in.
    pub(super) ready: Vec<SocketAddr>,
    pub(super) forward_auth: Option<Place>,
    pub(super) admin: Option<TcpListener>,
    pub(super) admin_at: SocketAddr,
    pub(super) http: Option<TcpListener>,
    /// The control socket, where another process has bound it.
    pub(super) control: Option<UnixListener>,
    /// Handles on all of them for a process that takes over.
    pub(super) kept: Vec<Passed>,
}

/// What is there already, and what is handed on.
struct Pool {
    passed: Vec<Passed>,
    kept: Vec<Passed>,
}

impl Sockets {
    /// Binds every address of which no socket is there. The public port is the bound one, unless the configuration says otherwise.
    pub(super) fn bind(config: &mut Config, passed: Vec<Passed>) -> Result<Self, ServeError> {
        let n_workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut workers: Vec<Vec<Listener>> = (0..n_workers).map(|_| Vec::new()).collect();
        let mut pool = Pool { passed, kept: Vec::new() };
        let mut ready = Vec::new();
        for address in &config.listen.https {
            let sockets = pool.many(Role::Https, *address, n_workers)?;
            ready.extend(sockets.first().and_then(|socket| socket.local_addr().ok()));
            share(&mut workers, sockets.into_iter().map(Listener::Https));
        }
        if config.listen.public_port.is_none() {
            config.listen.public_port = ready.first().map(SocketAddr::port);
        }
        let forward_auth = match &config.listen.forward_auth {
            None => None,
            Some(Place::Tcp(address)) => {
                let sockets = pool.many(Role::ForwardAuth, *address, n_workers)?;
                let at = sockets.first().and_then(|socket| socket.local_addr().ok()).unwrap_or(*address);
                share(&mut workers, sockets.into_iter().map(Listener::ForwardAuth));
                Some(Place::Tcp(at))
            }
            Some(place @ Place::Unix(path)) => {
                let sockets = pool.local(path, n_workers).map_err(|cause| ServeError::File(path.clone(), cause))?;
                share(&mut workers, sockets.into_iter().map(Listener::ForwardAuthLocal));
                Some(place.clone())
            }
        };
        let admin = pool.one(Role::Admin, config.listen.admin)?;
        let admin_at = admin.local_addr().map_err(|cause| ServeError::Listen(config.listen.admin, cause))?;
        let http = config.listen.http.map(|address| pool.one(Role::Http, address)).transpose()?;
        let control = pool.control();
        let kept = pool.into_kept()?;
        Ok(Self { workers, ready, forward_auth, admin: Some(admin), admin_at, http, control, kept })
    }
}

impl Pool {
    /// The sockets of an address, at least one for each worker: those that are there, which must all be used, since each has a queue.
    fn many(&mut self, role: Role, address: SocketAddr, n_workers: usize) -> Result<Vec<TcpListener>, ServeError> {
        let refused = |cause| ServeError::Listen(address, cause);
        let mut sockets = self.take(role, address);
        if sockets.is_empty() {
            sockets = gateway::bind(address, n_workers).map_err(refused)?;
        }
        for socket in &sockets {
            self.keep(role, address.to_string(), Socket::Tcp(socket.try_clone().map_err(refused)?));
        }
        for ix in 0..n_workers.saturating_sub(sockets.len()) {
            let more = sockets.get(ix).map(TcpListener::try_clone).transpose().map_err(refused)?;
            sockets.extend(more);
        }
        Ok(sockets)
    }

    fn one(&mut self, role: Role, address: SocketAddr) -> Result<TcpListener, ServeError> {
        let refused = |cause| ServeError::Listen(address, cause);
        let there = self.take(role, address).pop();
        let socket = there.map_or_else(|| TcpListener::bind(address), Ok).map_err(refused)?;
        socket.set_nonblocking(true).map_err(refused)?;
        self.keep(role, address.to_string(), Socket::Tcp(socket.try_clone().map_err(refused)?));
        Ok(socket)
    }

    fn local(&mut self, path: &Path, n_workers: usize) -> io::Result<Vec<UnixListener>> {
        let said = Place::Unix(path.to_owned()).to_string();
        let is_it = |passed: &Passed| {
            let at = |socket: &UnixListener| socket.local_addr().ok().is_some_and(|at| at.as_pathname() == Some(path));
            match &passed.socket {
                Socket::Unix(socket) => passed.role.map_or_else(|| at(socket), |role| role == Role::ForwardAuth && passed.said == said),
                Socket::Tcp(_) => false,
            }
        };
        let there = self.passed.iter().position(is_it).map(|ix| self.passed.swap_remove(ix).socket);
        let socket = match there {
            Some(Socket::Unix(socket)) => socket,
            Some(Socket::Tcp(_)) | None => gateway::bind_place(path)?,
        };
        self.keep(Role::ForwardAuth, said, Socket::Unix(socket.try_clone()?));
        (0..n_workers).map(|_| socket.try_clone()).collect()
    }

    fn control(&mut self) -> Option<UnixListener> {
        let at = self.passed.iter().position(|passed| passed.role == Some(Role::Control))?;
        match self.passed.swap_remove(at).socket {
            Socket::Unix(socket) => Some(socket),
            Socket::Tcp(_) => None,
        }
    }

    /// Takes what is there for an address: as the other process named it, or as it was bound.
    fn take(&mut self, role: Role, address: SocketAddr) -> Vec<TcpListener> {
        let said = address.to_string();
        let is_it = |passed: &mut Passed| {
            passed.role.is_none_or(|is| is == role) && (passed.said == said || passed.socket.address() == Some(address))
        };
        let taken = self.passed.extract_if(.., is_it);
        taken
            .filter_map(|passed| match passed.socket {
                Socket::Tcp(socket) => Some(socket),
                Socket::Unix(_) => None,
            })
            .collect()
    }

    fn keep(&mut self, role: Role, said: String, socket: Socket) {
        self.kept.push(Passed { role: Some(role), said, socket });
    }

    /// What is handed on. A socket that nobody asked for means that systemd and the configuration do not agree; one of a process that was
    /// taken over from is of an address that is not listened on any more.
    fn into_kept(self) -> Result<Vec<Passed>, ServeError> {
        for passed in &self.passed {
            if passed.role.is_none() {
                return Err(ServeError::Unasked(passed.said.clone()));
            }
            tracing::info!(address = %passed.said, "nobody listens there any more");
        }
        Ok(self.kept)
    }
}

/// Deals sockets out to workers, so that each worker has one and each socket a worker.
fn share(workers: &mut [Vec<Listener>], sockets: impl Iterator<Item = Listener>) {
    let n = workers.len().max(1);
    for (ix, socket) in sockets.enumerate() {
        if let Some(worker) = workers.get_mut(ix % n) {
            worker.push(socket);
        }
    }
}

/// The sockets that systemd has bound (`LISTEN_FDS`).
pub(super) fn of_systemd() -> Result<Vec<Passed>, ServeError> {
    let mut fds = ListenFd::from_env();
    let mut passed = Vec::new();
    for ix in 0..fds.len() {
        let socket = fds.take_tcp_listener(ix).map(|socket| socket.map(Socket::Tcp));
        let socket = socket.or_else(|_| fds.take_unix_listener(ix).map(|socket| socket.map(Socket::Unix)));
        let Some(socket) = socket.map_err(ServeError::Systemd)? else { continue };
        let said = match &socket {
            Socket::Tcp(socket) => {
                socket.set_nonblocking(true).map_err(ServeError::Systemd)?;
                socket.local_addr().map(|at| at.to_string())
            }
            Socket::Unix(socket) => {
                socket.set_nonblocking(true).map_err(ServeError::Systemd)?;
                socket.local_addr().map(|at| at.as_pathname().map(|path| format!("unix:{}", path.display())).unwrap_or_default())
            }
        };
        passed.push(Passed { role: None, said: said.map_err(ServeError::Systemd)?, socket });
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Host;

    fn config(port: u16) -> Config {
        let mut config = Config::with_defaults(Host::parse("access.example.test").unwrap(), Vec::new());
        config.listen.https = vec![SocketAddr::from(([127, 0, 0, 1], port))];
        config.listen.admin = SocketAddr::from(([127, 0, 0, 1], 0));
        config
    }

    #[test]
    fn every_socket_that_is_passed_on_is_used_and_nothing_is_bound_twice() {
        let first = Sockets::bind(&mut config(0), Vec::new()).unwrap();
        let n = first.kept.len();
        let next = Sockets::bind(&mut config(0), first.kept).unwrap();
        assert_eq!((next.ready.clone(), next.kept.len()), (first.ready.clone(), n));
        assert!(next.workers.iter().all(|worker| !worker.is_empty()));
        let named = Sockets::bind(&mut config(first.ready[0].port()), next.kept).unwrap();
        assert_eq!(named.ready, first.ready, "an address may also be named as it was bound");
    }

    #[test]
    fn a_socket_that_the_configuration_does_not_name_is_an_error() {
        let bound = TcpListener::bind("127.0.0.1:0").unwrap();
        let said = bound.local_addr().unwrap().to_string();
        let passed = vec![Passed { role: None, said: said.clone(), socket: Socket::Tcp(bound) }];
        let refused = Sockets::bind(&mut config(0), passed).err().unwrap();
        assert!(refused.to_string().contains(&said), "{refused}");
    }
}
