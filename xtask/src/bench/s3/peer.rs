//! Who publishes, each with its best settings.

use std::path::{Path, PathBuf};

use testkit::tools::Tools;

use super::scenario::{Before, LARGE, Scenario};
use super::site::BUCKET;
use crate::bench::contender::write;
use crate::program::{root, target_folder};
use crate::release::target::Target;

/// Whom we are measured against; `tools/update.sh` writes it.
const REQUIREMENTS: &str = include_str!("../../../../tools/bench-requirements.txt");

/// What installs the one that is no Python package.
const S3SYNC: &str = "cargo install s3sync --version 1.62.4 --locked --no-default-features --root target/bench/tools";

/// Ours.
pub(crate) const OURS: &str = "slipway";

/// Ours, of a site that somebody else published.
pub(crate) const NO_MANIFEST: &str = "without a manifest";

/// A program with its settings, ready to publish one site to one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) peer: &'static str,
    /// What sets it apart from the same program's other settings.
    pub(crate) setting: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
}

impl Contender {
    /// The peer and its settings.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.peer, self.setting).trim_end().to_owned()
    }

    /// The same of another folder.
    pub(crate) fn publishing(&self, site: &Path, other: &Path) -> Self {
        let (site, other) = (site.display().to_string(), other.display().to_string());
        let arguments = self.arguments.iter().map(|word| if *word == site { other.clone() } else { word.clone() });
        Self { arguments: arguments.collect(), ..self.clone() }
    }

    /// Whether what it keeps in the bucket of a publication before is there.
    pub(crate) fn has_published(&self, before: Before) -> bool {
        let is_site = matches!(before, Before::Published | Before::Site { .. });
        is_site && self.peer == OURS && self.setting != NO_MANIFEST
    }
}

/// The programs.
#[derive(Debug)]
pub(crate) struct Field {
    ours: PathBuf,
    aws: PathBuf,
    s5cmd: PathBuf,
    rclone: PathBuf,
    s3sync: Option<PathBuf>,
    work: PathBuf,
    skipped: Vec<String>,
}

impl Field {
    /// Finds ours in `bin_dir` and installs the others into `tools`.
    pub(crate) fn new(bin_dir: Option<&Path>, tools: &Path, work: &Path) -> Result<Self, String> {
        let built = target_folder().join(Target::of_this_machine()?.name()).join("dist");
        let ours = bin_dir.map_or(built, |folder| root().join(folder)).join("s3-sync-invalidate");
        if !ours.is_file() {
            return Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", ours.display()));
        }
        let installed = Tools::install(tools, REQUIREMENTS).map_err(|error| error.to_string())?;
        let s3sync = Some(tools.join("bin/s3sync")).filter(|program| program.is_file());
        let skipped = if s3sync.is_none() { vec![format!("s3sync: not installed; `{S3SYNC}`")] } else { Vec::new() };
        write(&work.join("aws-config"), "[default]\ns3 =\n  max_concurrent_requests = 64\n  max_queue_size = 10000\n")?;
        Ok(Self {
            ours,
            aws: installed.join("aws"),
            // The package's own program is a script in Python that starts this one.
            s5cmd: binary_of(&installed, "s5cmd")?,
            rclone: installed.join("rclone"),
            s3sync,
            work: work.to_owned(),
            skipped,
        })
    }

    /// Who does not take part, and why.
    pub(crate) fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// The program that can serve S3 itself.
    pub(crate) fn rclone(&self) -> &Path {
        &self.rclone
    }

    /// Everybody, ready to publish `site` to `endpoint`.
    pub(crate) fn contenders(&self, scenario: &Scenario, site: &Path, endpoint: &str) -> Vec<Contender> {
        let site = site.display().to_string();
        let mut all = vec![self.ours("", scenario, &site)];
        if !scenario.is_ours_alone {
            all.extend(all[0].has_published(scenario.before).then(|| self.ours(NO_MANIFEST, scenario, &site)));
            all.extend(self.aws(scenario, &site));
            all.extend(self.s5cmd(scenario, &site, endpoint));
            all.extend(self.rclone_settings(scenario, &site, endpoint));
            all.extend(self.s3sync(scenario, &site, endpoint));
        }
        let config = self.work.join("aws-config").display().to_string();
        for contender in &mut all {
            let home = self.work.display().to_string();
            let env = [
                ("AWS_ENDPOINT_URL", endpoint),
                ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_DEFAULT_REGION", "eu-west-1"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("AWS_CONFIG_FILE", &config),
                ("HOME", &home),
            ];
            contender.env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        }
        all
    }

    fn ours(&self, setting: &'static str, scenario: &Scenario, site: &str) -> Contender {
        let mut arguments = words(&["--source", site, "--bucket", BUCKET]);
        if scenario.deletes() {
            arguments.extend(words(&[
                "--delete",
                "--delete-scope=all",
                "--keep-releases=0",
                "--max-delete=100%",
                "--allow-empty-source",
                "--allow-whole-bucket",
            ]));
        }
        contender(OURS, setting, &self.ours, arguments)
    }

    fn aws(&self, scenario: &Scenario, site: &str) -> Vec<Contender> {
        let target = format!("s3://{BUCKET}");
        let plain = [&["s3", "sync", site, &target, "--only-show-errors"], delete(scenario)].concat();
        let by_size = [plain.as_slice(), &["--size-only"]].concat();
        let mut settings = vec![contender("aws", "", &self.aws, words(&plain))];
        if looks(scenario) {
            settings.push(contender("aws", "--size-only", &self.aws, words(&by_size)));
        }
        settings
    }

    fn s5cmd(&self, scenario: &Scenario, site: &str, endpoint: &str) -> Vec<Contender> {
        let settings: [(&str, &str, &[&str]); 2] = if looks(scenario) {
            [("", "256", &[]), ("--size-only", "256", &["--size-only"])]
        } else {
            [("256 workers", "256", &[]), ("64 workers", "64", &[])]
        };
        let arguments = |workers: &str, more: &[&str]| {
            let global = ["--endpoint-url", endpoint, "--log", "error", "--numworkers", workers, "sync"];
            words(&[&global, more, delete(scenario), &[&format!("{site}/"), &format!("s3://{BUCKET}/")]].concat())
        };
        settings
            .map(|(setting, workers, more)| contender("s5cmd", setting, &self.s5cmd, arguments(workers, more)))
            .to_vec()
    }

    fn rclone_settings(&self, scenario: &Scenario, site: &str, endpoint: &str) -> Vec<Contender> {
        let base = format!(
            "--s3-provider Other --s3-env-auth --s3-region eu-west-1 --s3-list-version 2 --checksum --fast-list --s3-no-head \
             --s3-no-check-bucket --config /dev/null --s3-endpoint {endpoint}"
        );
        let settings = if scenario.size > LARGE {
            [
                ("", "--transfers 4"),
                (
                    "without checksums",
                    "--transfers 4 --s3-disable-checksum --s3-upload-concurrency 8 --s3-chunk-size 16M",
                ),
            ]
        } else {
            [("64 transfers", "--transfers 64 --checkers 64"), ("16 transfers", "--transfers 16 --checkers 16")]
        };
        let target = format!(":s3:{BUCKET}");
        let arguments = |more: &str| {
            let flags = base.split_whitespace().chain(more.split_whitespace());
            words(&["sync", site, &target].into_iter().chain(flags).collect::<Vec<_>>())
        };
        settings.map(|(setting, more)| contender("rclone", setting, &self.rclone, arguments(more))).to_vec()
    }

    fn s3sync(&self, scenario: &Scenario, site: &str, endpoint: &str) -> Vec<Contender> {
        let Some(program) = &self.s3sync else { return Vec::new() };
        let target = format!("s3://{BUCKET}/");
        let arguments = |more: &[&str]| {
            let flags = [
                "--check-etag",
                "--worker-size",
                "160",
                "--target-endpoint-url",
                endpoint,
                "--target-force-path-style",
            ];
            words(&[&flags, more, delete(scenario), &[&format!("{site}/"), &target]].concat())
        };
        let settings: [(&str, &[&str]); 2] = [("", &[]), ("unsigned", &["--disable-payload-signing"])];
        settings.map(|(setting, more)| contender("s3sync", setting, program, arguments(more))).to_vec()
    }
}

/// Whether there is something to compare with: what decides between settings is another thing then than how much goes on at once.
fn looks(scenario: &Scenario) -> bool {
    scenario.before != Before::Empty
}

fn delete(scenario: &Scenario) -> &'static [&'static str] {
    if scenario.deletes() { &["--delete"] } else { &[] }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn contender(peer: &'static str, setting: &'static str, program: &Path, arguments: Vec<String>) -> Contender {
    Contender { peer, setting, program: program.to_owned(), arguments, env: Vec::new() }
}

/// The program within a Python package of the same name.
fn binary_of(installed: &Path, name: &str) -> Result<PathBuf, String> {
    let libraries = installed.with_file_name("lib");
    let versions = std::fs::read_dir(&libraries).map_err(|error| format!("{}: {error}", libraries.display()))?;
    let within = |version: std::fs::DirEntry| version.path().join("site-packages").join(name).join("bin").join(name);
    let mut found = versions.flatten().map(within).filter(|program| program.is_file());
    found.next().ok_or_else(|| format!("the package {name} has no program"))
}
