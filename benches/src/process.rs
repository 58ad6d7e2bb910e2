//! The server under measurement, as the system sees it.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::client::{Connection, Request};

/// The release binary beside this one.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("sayso");
    ensure!(
        path.exists(),
        "{} is not built; run cargo build --release first",
        path.display()
    );
    Ok(path)
}

/// Runs a command of the binary and returns what it prints.
pub(crate) fn sayso(database: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(binary()?)
        .args(arguments)
        .env("DATABASE_URL", database)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A new database on the server that `url` names. It belongs to a role that policies on rows bind, unlike the superuser
/// who makes it, so that they are measured too.
pub(crate) fn fresh_database(url: &str) -> anyhow::Result<String> {
    const ROLE: &str = "DO $$ BEGIN CREATE ROLE sayso_bench LOGIN PASSWORD 'sayso_bench'; \
                        EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("bench_{}_{count}", std::process::id());
    let status = Command::new("psql")
        .args([url, "-q", "-c", ROLE, "-c"])
        .arg(format!("CREATE DATABASE {name} OWNER sayso_bench"))
        .status()?;
    ensure!(status.success(), "no database could be made");
    let (_, place) = url
        .rsplit_once('@')
        .context("TEST_POSTGRES names no role")?;
    let (host, _) = place
        .rsplit_once('/')
        .context("TEST_POSTGRES names no database")?;
    Ok(format!("postgres://sayso_bench:sayso_bench@{host}/{name}"))
}

/// A running server.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) started_in: Duration,
}

impl Process {
    /// Starts a server and waits for its first answer.
    pub(crate) async fn start(database: &str) -> anyhow::Result<Self> {
        Self::start_with(database, &[]).await
    }

    /// Likewise, with these settings.
    pub(crate) async fn start_with(
        database: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let started = Instant::now();
        let child = Command::new(binary()?)
            .arg("serve")
            .envs([
                ("DATABASE_URL", database),
                ("PORT", &address.port().to_string()),
                ("LOG_LEVEL", "warn"),
            ])
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut process = Self {
            child,
            address,
            started_in: Duration::ZERO,
        };
        let request = Request::new("GET", "/readyz", "", None);
        while started.elapsed() < Duration::from_secs(10) {
            if let Ok(mut connection) = Connection::open(address).await
                // Whoever had the port before may close it just now.
                && connection.send(&request).await.is_ok_and(|status| status == 200)
            {
                process.started_in = started.elapsed();
                return Ok(process);
            }
            ensure!(process.child.try_wait()?.is_none(), "the server has ended");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        anyhow::bail!("the server did not become ready")
    }

    /// Resident memory.
    pub(crate) fn memory_mb(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
    }

    /// Processor time used so far, in the program and for it.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        /// Of Linux, since 2.6.
        const TICKS_PER_SECOND: u64 = 100;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no process name")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It is gone either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
