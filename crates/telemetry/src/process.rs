//! What the system says about this process, by the names that every exporter gives it.

use std::fmt;
use std::fs::{read_dir, read_to_string};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Asks when it is asked. Where there is no `/proc` there are no figures.
#[derive(Debug)]
pub(crate) struct Process;

/// The unit of times in `/proc`, which is this on every Linux there is.
const TICKS_A_SECOND: f64 = 100.0;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let mut gauge = |name: &str, help: &str, value: Option<f64>| match value {
            Some(value) => {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
            }
            None => Ok(()),
        };
        let (resident, stat) = (resident_bytes(), stat());
        gauge(
            "process_resident_memory_bytes",
            "Memory that the process has.",
            resident,
        )?;
        gauge(
            "process_start_time_seconds",
            "When it was started.",
            stat.and_then(|(_, ticks)| Some(boot_time()? + ticks / TICKS_A_SECOND)),
        )?;
        gauge(
            "process_open_fds",
            "Files and sockets that it has open.",
            read_dir("/proc/self/fd")
                .ok()
                .map(|open| f64::from(u32::try_from(open.count()).unwrap_or(u32::MAX))),
        )?;
        if let Some((ticks, _)) = stat {
            let counter = ConstCounter::new(ticks / TICKS_A_SECOND);
            let help = "Processor time that it has used.";
            let name = "process_cpu_seconds";
            counter.encode(encoder.encode_descriptor(
                name,
                help,
                None,
                counter.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<f64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// Ticks that were used, and the tick at which the process was started, counted from when the system was.
fn stat() -> Option<(f64, f64)> {
    let stat = read_to_string("/proc/self/stat").ok()?;
    // The name before it may have anything in it, but not after the last bracket.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    // Numbered as in proc(5), where the field after the bracket is the third.
    Some((ticks(14 - 3)? + ticks(15 - 3)?, ticks(22 - 3)?))
}

/// When the system was started, in seconds since 1970.
fn boot_time() -> Option<f64> {
    let stat = read_to_string("/proc/stat").ok()?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}
