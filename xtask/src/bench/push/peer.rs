//! Who pushes, each with its best settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::docker::DockerDaemon;
use testkit::tools::Tools;

use super::image::Images;
use super::scenario::Scenario;
use crate::bench::contender::write;
use crate::bench::s3::peer::Contender;
use crate::program::{find, root, target_folder};
use crate::release::target::Target;

/// Ours.
pub(crate) const OURS: &str = "slipway";

/// The tag that everybody pushes.
pub(crate) const TAG: &str = "1.0.0";

/// One program with one setting.
#[derive(Debug)]
struct Peer {
    name: &'static str,
    setting: &'static str,
    program: PathBuf,
    how: How,
}

/// How a program names what it pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Ours,
    Skopeo,
    /// From its own storage, into which the images are taken before.
    Buildah,
    /// From its daemon, into which the images are taken before.
    Docker,
    Crane,
    Regctl,
}

/// The programs.
#[derive(Debug)]
pub(crate) struct Field {
    peers: Vec<Peer>,
    skopeo: Option<PathBuf>,
    daemon: Option<DockerDaemon>,
    work: PathBuf,
    url: String,
    skipped: Vec<String>,
}

impl Field {
    /// Finds ours in `bin_dir`, the others on the PATH, and starts a Docker daemon.
    pub(crate) fn new(bin_dir: Option<&Path>, work: &Path, url: &str) -> Result<Self, String> {
        let built = target_folder().join(Target::of_this_machine()?.name()).join("dist");
        let ours = bin_dir.map_or(built, |folder| root().join(folder)).join("ecr-push");
        if !ours.is_file() {
            return Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", ours.display()));
        }
        let mut skipped = Vec::new();
        let mut peers = vec![Peer { name: OURS, setting: "", program: ours, how: How::Ours }];
        for (name, how) in [
            ("skopeo", How::Skopeo),
            ("buildah", How::Buildah),
            ("docker", How::Docker),
            ("crane", How::Crane),
            ("regctl", How::Regctl),
        ] {
            match find(name) {
                Some(program) => peers.push(Peer { name, setting: "", program, how }),
                None => skipped.push(format!("{name}: not on the PATH")),
            }
        }
        let skopeo = find("skopeo");
        let daemon = match Tools::ensure(&root()).map_err(|error| error.to_string()) {
            Ok(tools) if skopeo.is_some() => DockerDaemon::start(&tools.python()),
            Ok(_) => Err("skopeo gives it the images".to_owned()),
            Err(error) => Err(error),
        };
        let daemon = daemon.map_err(|why| skipped.push(format!("docker: {why}"))).ok();
        peers.retain(|peer| peer.how != How::Docker || daemon.is_some());
        write(&work.join("policy.json"), "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}\n")?;
        write(&work.join("storage.conf"), "[storage]\ndriver = \"vfs\"\n")?;
        Ok(Self { peers, skopeo, daemon, work: work.to_owned(), url: url.to_owned(), skipped })
    }

    /// Who does not take part, and why.
    pub(crate) fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Takes the images into the storages of those that push from there. Nobody's time counts.
    pub(crate) fn prepare(&self, scenario: &Scenario, images: &Images) -> Result<(), String> {
        for number in 0..images.digests.len() {
            let source = format!("oci:{}:{number}", images.folder.display());
            for peer in &self.peers {
                match (peer.how, &self.daemon, &self.skopeo) {
                    (How::Buildah, ..) => {
                        let id = run(self.storage(&peer.program).args(["pull", "--quiet", &source]))?;
                        run(self.storage(&peer.program).args(["tag", id.trim(), &format!("bench:{number}")]))?;
                    }
                    (How::Docker, Some(daemon), Some(skopeo)) => {
                        let name = self.local(scenario.images_apart(), number);
                        let target = format!("docker-daemon:{name}");
                        let mut copy = Command::new(skopeo);
                        copy.args(["copy", "--quiet", "--insecure-policy", "--dest-daemon-host", &daemon.host()]);
                        run(copy.args([&source, &target]))?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn storage(&self, buildah: &Path) -> Command {
        let mut command = Command::new(buildah);
        command.args(self.storage_flags());
        command
    }

    fn storage_flags(&self) -> [String; 6] {
        let folder = |name: &str| self.work.join(name).display().to_string();
        [
            "--root".to_owned(),
            folder("buildah"),
            "--runroot".to_owned(),
            folder("buildah-run"),
            "--storage-driver".to_owned(),
            "vfs".to_owned(),
        ]
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The image's name in the daemon, which is also where it is pushed to.
    fn local(&self, images: usize, number: usize) -> String {
        format!("{}/{}:{}", self.host(), repository(images, number), tag(images, number))
    }

    /// Everybody, ready to push one image.
    pub(crate) fn pushing(&self, scenario: &Scenario, images: &Path, number: usize) -> Vec<Contender> {
        self.peers.iter().map(|peer| self.contender(peer, &self.words(peer, scenario, images, number))).collect()
    }

    /// Everybody, ready to push all images, one after the other and four at once.
    pub(crate) fn pushing_all(&self, scenario: &Scenario, images: &Path) -> Vec<Contender> {
        let lines = |peer: &Peer| {
            let line = |number| {
                let words = self.words(peer, scenario, images, number);
                words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
            };
            (0..scenario.images).map(line).collect::<Vec<_>>()
        };
        let shell = |peer: &Peer, setting, script: String| {
            let mut contender = self.contender(peer, &["sh".to_owned(), "-euc".to_owned(), script]);
            contender.setting = setting;
            contender
        };
        let both = self.peers.iter().flat_map(|peer| {
            let lines = lines(peer);
            let groups = lines.chunks(4).map(|group| {
                let starts: Vec<String> = group.iter().map(|line| format!("{line} & set -- \"$@\" $!; ")).collect();
                format!("set --; {}{}", starts.concat(), "wait $1; shift; ".repeat(group.len()))
            });
            // The first alone: the others find its layers.
            let four = format!("{}\n{}", lines[0], groups.collect::<Vec<_>>().join("\n"));
            [shell(peer, "one after the other", lines.join("\n")), shell(peer, "four at once", four)]
        });
        both.collect()
    }

    fn words(&self, peer: &Peer, scenario: &Scenario, images: &Path, number: usize) -> Vec<String> {
        let source = format!("oci:{}:{number}", images.display());
        let (repository, tag) = (repository(scenario.images_apart(), number), tag(scenario.images_apart(), number));
        let target = format!("{}/{repository}:{tag}", self.host());
        let program = peer.program.display().to_string();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut all = vec![program];
        all.extend(match peer.how {
            How::Ours => {
                let mut arguments = words(&["--source", &source, "--repository", &repository, "--tags", &tag]);
                if scenario.measured().is_none() && number > 0 {
                    arguments.extend(words(&["--mount-from", "service-0"]));
                }
                arguments
            }
            How::Skopeo => words(&[
                "copy",
                "--quiet",
                "--insecure-policy",
                "--preserve-digests",
                "--dest-tls-verify=false",
                &source,
                &format!("docker://{target}"),
            ]),
            How::Buildah => {
                let mut arguments = self.storage_flags().to_vec();
                let local = format!("bench:{number}");
                arguments.extend(words(&[
                    "push",
                    "--quiet",
                    "--tls-verify=false",
                    &local,
                    &format!("docker://{target}"),
                ]));
                arguments
            }
            How::Docker => words(&["push", "--quiet", &target]),
            // Of a layout with several images it can push all as one index only: then its row says that the image is not there.
            How::Crane => words(&["push", "--insecure", &images.display().to_string(), &target]),
            How::Regctl => {
                let host = format!("reg={},tls=disabled", self.host());
                words(&["--host", &host, "image", "copy", &format!("ocidir://{}:{number}", images.display()), &target])
            }
        });
        all
    }

    fn contender(&self, peer: &Peer, words: &[String]) -> Contender {
        let home = self.work.display().to_string();
        let mut env = vec![
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("SLIPWAY_REGISTRY_ENDPOINT", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("CONTAINERS_STORAGE_CONF", self.work.join("storage.conf").display().to_string()),
            ("HOME", home),
        ];
        env.extend(self.daemon.as_ref().map(|daemon| ("DOCKER_HOST", daemon.host())));
        let mut words = words.iter().cloned();
        Contender {
            peer: peer.name,
            setting: peer.setting,
            program: words.next().unwrap_or_default().into(),
            arguments: words.collect(),
            env: env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        // Gigabytes that nobody needs any more.
        let _ = std::fs::remove_dir_all(self.work.join("buildah"));
    }
}

impl Scenario {
    /// How many repositories the images go to.
    fn images_apart(&self) -> usize {
        if self.measured().is_none() { self.images } else { 1 }
    }
}

/// The repository of an image, where there are so many.
pub(crate) fn repository(images: usize, number: usize) -> String {
    if images > 1 { format!("service-{number}") } else { "shop".to_owned() }
}

/// The tag of an image: its own where several go to one repository.
pub(crate) fn tag(images: usize, number: usize) -> String {
    if images > 1 || number == 0 { TAG.to_owned() } else { format!("1.0.{number}") }
}

fn run(command: &mut Command) -> Result<String, String> {
    let shown = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{shown}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
