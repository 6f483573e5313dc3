//! One site in an emulator: a bucket, a distribution in front of it, a proxy that checks requests and can inject faults, and a runner.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest as _, Sha256};
use testkit::aws::ContractProxy;
use testkit::http::{Reply, Request, send};
use testkit::{FakeRunner, Ministack, RunOutput, Tools};

/// The emulator that has `bucket` and the distributions in front of it. Two serve all tests, since one answers one request at a time;
/// they end with this process.
pub(crate) fn emulator(bucket: &str) -> &'static Ministack {
    static EMULATORS: [OnceLock<Ministack>; NUMBER] = [const { OnceLock::new() }; NUMBER];
    EMULATORS[number(bucket)]
        .get_or_init(|| Ministack::start(&Tools::locate().expect("the pinned tools")).expect("the emulator"))
}

/// How many emulators there are.
const NUMBER: usize = 2;

/// Which of them has `bucket`.
fn number(bucket: &str) -> usize {
    bucket.bytes().map(usize::from).sum::<usize>() % NUMBER
}

/// The buckets that distributions show.
fn shown() -> MutexGuard<'static, BTreeMap<String, String>> {
    static SHOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where CloudFront has the distributions.
const DISTRIBUTION: &str = "/2020-05-31/distribution";

/// A published site, or one that will be.
pub(crate) struct Site {
    pub(crate) bucket: String,
    pub(crate) distribution: String,
    pub(crate) proxy: ContractProxy,
    pub(crate) runner: FakeRunner,
    /// How many requests there were before the last run.
    seen: Cell<usize>,
}

impl Site {
    /// An empty bucket whose folder `site` a distribution shows.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("site-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let endpoint = emulator(&bucket).endpoint();
        let proxy = ContractProxy::start(&endpoint).expect("the proxy");
        assert!(raw("PUT", &format!("/{bucket}"), b"").is_success());
        let distribution = create_distribution(&bucket, "/site");
        let runner = FakeRunner::new()
            .envs(emulator(&bucket).env())
            .env("AWS_ENDPOINT_URL", proxy.url())
            .input("source", "dist")
            .input("bucket", &bucket)
            .input("prefix", "site")
            .input("distribution-id", &distribution);
        Self { bucket, distribution, proxy, runner, seen: Cell::new(0) }
    }

    /// The same site with an input set.
    pub(crate) fn input(mut self, name: &str, value: &str) -> Self {
        self.runner = self.runner.input(name, value);
        self
    }

    /// Writes a file of the source.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.source().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, content).expect("a file");
    }

    /// Removes a file of the source.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.source().join(path)).expect("a file");
    }

    pub(crate) fn source(&self) -> std::path::PathBuf {
        self.runner.workspace().join("dist")
    }

    /// Another bucket, which the same emulator has.
    pub(crate) fn second_bucket(&self) -> String {
        let mut names = ["a", "b"].iter().map(|end| format!("{}-{end}", self.bucket));
        let name = names.find(|name| number(name) == number(&self.bucket)).expect("one of two letters in a row");
        assert!(raw("PUT", &format!("/{name}"), b"").is_success());
        name
    }

    /// Another distribution that shows the whole bucket.
    pub(crate) fn second_distribution(&self) -> String {
        create_distribution(&self.bucket, "")
    }

    /// Runs the binary.
    pub(crate) fn run(&self) -> RunOutput {
        self.run_with(&[])
    }

    /// Runs the binary with flags.
    pub(crate) fn run_with(&self, flags: &[&str]) -> RunOutput {
        self.seen.set(self.proxy.requests().len());
        self.runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), flags)
    }

    /// Sends the binary's requests to another address, such as that of a proxy in front of this one's.
    pub(crate) fn send_to(&mut self, endpoint: &str) {
        self.runner = std::mem::take(&mut self.runner).env("AWS_ENDPOINT_URL", endpoint);
    }

    /// The requests of the last run.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.proxy.requests().split_off(self.seen.get())
    }

    /// The requests of the last run that could change something besides the manifest, as `METHOD /path`.
    pub(crate) fn changes(&self) -> Vec<String> {
        let manifests = format!("/{}/.slipway/", self.bucket);
        let changing = |request: &Request| {
            !matches!(request.method.as_str(), "GET" | "HEAD") && !request.path.starts_with(&manifests)
        };
        self.requests().iter().filter(|request| changing(request)).map(|r| format!("{} {}", r.method, r.path)).collect()
    }

    /// All keys of the bucket but those of manifests, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.all_keys().into_iter().filter(|key| !key.starts_with(".slipway/")).collect()
    }

    /// All keys of the bucket, sorted.
    pub(crate) fn all_keys(&self) -> Vec<String> {
        let listing = raw("GET", &format!("/{}?list-type=2", self.bucket), b"").to_text();
        let mut keys: Vec<String> = between(&listing, "<Key>", "</Key>").iter().map(|key| unescape(key)).collect();
        keys.sort();
        keys
    }

    /// Puts an object without our binary.
    pub(crate) fn put(&self, path: &str, content: &[u8]) {
        assert!(raw("PUT", &format!("/{}/{path}", self.bucket), content).is_success());
    }

    /// An object; `path` is encoded as in a URL.
    pub(crate) fn get(&self, path: &str) -> Reply {
        raw("GET", &format!("/{}/{path}", self.bucket), b"")
    }

    /// The paths of all invalidations, each sorted.
    pub(crate) fn invalidations(&self) -> Vec<Vec<String>> {
        invalidations(&self.distribution)
    }
}

/// The paths of all invalidations of a distribution, each sorted.
pub(crate) fn invalidations(distribution: &str) -> Vec<Vec<String>> {
    let base = format!("{DISTRIBUTION}/{distribution}/invalidation");
    let list = raw("GET", &base, b"").to_text();
    between(&list, "<Id>", "</Id>")
        .iter()
        .map(|id| {
            let text = raw("GET", &format!("{base}/{id}"), b"").to_text();
            let mut paths: Vec<String> =
                between(&text, "<Path>", "</Path>").iter().map(|path| unescape(path)).collect();
            paths.sort();
            paths
        })
        .collect()
}

/// Where the manifests of the folder `site` of a bucket lie. An emulator has no accounts.
pub(crate) fn manifests(bucket: &str) -> String {
    let mut hasher = Sha256::new();
    for part in ["", bucket, "site/"] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize().iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!(".slipway/site-{hash}/")
}

/// The key of the present manifest of the folder `site` of a bucket.
pub(crate) fn current(bucket: &str) -> String {
    format!("{}current.jsonl.gz", manifests(bucket))
}

/// Whether a request lists the bucket; the manifest is asked for at the same time.
pub(crate) fn is_listing(request: &Request) -> bool {
    request.query_value("list-type").is_some()
}

/// A request about a bucket or a distribution to its emulator itself, unsigned and past the proxy.
pub(crate) fn raw(method: &str, path: &str, body: &[u8]) -> Reply {
    let first = |path: &str| path.split(['/', '?']).next().unwrap_or_default().to_owned();
    let bucket = match path.strip_prefix(DISTRIBUTION) {
        Some(rest) => shown().get(&first(rest.trim_start_matches('/'))).expect("a distribution of these tests").clone(),
        None => first(path.trim_start_matches('/')),
    };
    ask(&bucket, method, path, body)
}

fn ask(bucket: &str, method: &str, path: &str, body: &[u8]) -> Reply {
    send(method, &format!("{}{path}", emulator(bucket).endpoint()), &[], body).expect("an answer")
}

pub(crate) fn create_distribution(bucket: &str, origin_path: &str) -> String {
    create_distribution_with(bucket, origin_path, "")
}

/// A distribution with more in its configuration.
pub(crate) fn create_distribution_with(bucket: &str, origin_path: &str, more: &str) -> String {
    let config = format!(
        "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><CallerReference>{bucket}\
         {origin_path}{}</CallerReference><DefaultRootObject>index.html</DefaultRootObject><Origins><Quantity>1</Quantity><Items><Origin>\
         <Id>s3</Id><DomainName>{bucket}.s3.eu-west-1.amazonaws.com</DomainName><OriginPath>{origin_path}</OriginPath>\
         <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>\
         <DefaultCacheBehavior><TargetOriginId>s3</TargetOriginId><ViewerProtocolPolicy>redirect-to-https\
         </ViewerProtocolPolicy></DefaultCacheBehavior><Comment></Comment><Enabled>true</Enabled>{more}</DistributionConfig>",
        more.len()
    );
    let answer = ask(bucket, "POST", DISTRIBUTION, config.as_bytes());
    assert!(answer.is_success(), "{}", answer.to_text());
    let id = between(&answer.to_text(), "<Id>", "</Id>")[0].clone();
    shown().insert(id.clone(), bucket.to_owned());
    id
}

pub(crate) fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    text.split(start).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0.to_owned())).collect()
}

pub(crate) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// The last modification times of a folder's files, made new as a checkout makes them.
pub(crate) fn touch(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_file() {
            let content = fs::read(entry.path()).expect("a file");
            fs::write(entry.path(), content).expect("a file");
        }
    }
}
