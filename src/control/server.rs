//! The hub's side.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::MAX_LINE;
use crate::accounts::Actor;
use crate::admin::{Admin, Request, Response};
use crate::failure::{Context, Failure};
use crate::refusal::RefusalKind;

/// The control socket of a running hub.
pub struct Server {
    task: JoinHandle<()>,
    path: PathBuf,
}

impl Server {
    /// Binds the socket (0600) and answers requests, one connection each, until stopped.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(path: &Path, admin: Admin) -> Result<Self, Failure> {
        let doing = format!("cannot make the control socket {}", path.display());
        // One that a killed hub left: nobody listens there, we hold the directory's lock.
        if path.exists() {
            fs::remove_file(path).context(&doing)?;
        }
        // Bound where nobody else can look, so that there is no moment in which others could connect.
        let folder = path.parent().unwrap_or(Path::new("."));
        let private = tempfile::tempdir_in(folder).context(&doing)?;
        let unseen = private.path().join("s");
        let listener = UnixListener::bind(&unseen).context(&doing)?;
        fs::set_permissions(&unseen, fs::Permissions::from_mode(0o600)).context(&doing)?;
        fs::rename(&unseen, path).context(&doing)?;
        let task = actix::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let admin = admin.clone();
                        actix::spawn(async move {
                            if let Err(error) = serve(stream, &admin).await {
                                log::warn!("control request broken off error={error}");
                            }
                        });
                    }
                    Err(error) => {
                        log::warn!("control connection not accepted error={error}");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    }
                }
            }
        });
        Ok(Self {
            task,
            path: path.to_owned(),
        })
    }

    pub fn stop(&self) {
        self.task.abort();
        if let Err(error) = fs::remove_file(&self.path) {
            log::warn!("control socket not removed error={error}");
        }
    }
}

async fn serve(stream: UnixStream, admin: &Admin) -> io::Result<()> {
    let actor = Actor::verb(stream.peer_cred().ok().map(|peer| peer.uid()));
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    (&mut stream)
        .take(MAX_LINE)
        .read_until(b'\n', &mut line)
        .await?;
    let response = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => admin.handle_by(&actor, request).await,
        Err(error) => Response::Refused {
            error: format!("the request cannot be read: {error}"),
            kind: RefusalKind::Invalid,
            hint: String::new(),
        },
    };
    let mut answer = serde_json::to_vec(&response)?;
    answer.push(b'\n');
    stream.write_all(&answer).await?;
    stream.shutdown().await
}
