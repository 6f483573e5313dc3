//! Uploads in parts.

use std::collections::{BTreeMap, HashMap};

use md5::{Digest as _, Md5};

use crate::answer::{Answer, escape};
use crate::object::{Object, Sent, Tag, now};
use crate::request::Head;
use crate::store::{Store, tagged};

/// The parts of an upload by their numbers: size and tag.
type Parts = BTreeMap<u16, (u64, Tag)>;

/// The uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    parts: HashMap<String, Parts>,
    /// The lines of the headers that their objects will have.
    headers: HashMap<String, String>,
    started: u64,
}

impl Uploads {
    pub(crate) fn create(&mut self, head: &Head) -> Answer {
        self.started += 1;
        let id = format!("upload-{}", self.started);
        self.parts.insert(id.clone(), Parts::new());
        self.headers.insert(id.clone(), head.kept.clone());
        let (bucket, key) = head.names();
        let mut escaped = String::new();
        escape(key.unwrap_or_default(), &mut escaped);
        let content = format!("<Bucket>{bucket}</Bucket><Key>{escaped}</Key><UploadId>{id}</UploadId>");
        let answer = Answer::xml("InitiateMultipartUploadResult", &content);
        // The sums are not checked: the parts are dropped.
        let (algorithm, kind) = &head.checksum;
        let named = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        named.fold(answer, |answer, (name, value)| answer.header(name, value))
    }

    pub(crate) fn part(&mut self, head: &Head, sent: &Sent<'_>) -> Answer {
        let number = head.query("partNumber").and_then(|number| number.parse().ok());
        let Some(number) = number else { return Answer::error(400, "InvalidArgument") };
        let parts = head.query("uploadId").and_then(|id| self.parts.get_mut(id));
        let Some(parts) = parts else { return Answer::error(404, "NoSuchUpload") };
        let tag = sent.tag();
        parts.insert(number, (sent.size, tag));
        tagged(tag)
    }

    pub(crate) fn abort(&mut self, head: &Head) -> Answer {
        match head.query("uploadId").and_then(|id| self.parts.remove(id)) {
            Some(_) => Answer::empty(204),
            None => Answer::error(404, "NoSuchUpload"),
        }
    }
}

impl Store {
    /// Makes an object of the parts that the request names.
    pub(crate) fn complete(&mut self, head: &Head, body: &[u8]) -> Answer {
        if let Some(refusal) = self.refusal(head) {
            return refusal;
        }
        let id = head.query("uploadId").unwrap_or_default();
        let Some(parts) = self.uploads.parts.get(id) else { return Answer::error(404, "NoSuchUpload") };
        let Some(numbers) = numbers(body) else { return Answer::error(400, "MalformedXML") };
        let (mut size, mut digest) = (0, Md5::new());
        for number in &numbers {
            let Some((length, tag)) = parts.get(number) else { return Answer::error(400, "InvalidPart") };
            size += length;
            digest.update(tag.digest);
        }
        let count = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
        let tag = Tag { digest: digest.finalize().into(), parts: count };
        self.uploads.parts.remove(id);
        let headers = self.uploads.headers.remove(id).map(String::into_boxed_str);
        self.objects.insert(head.path.clone(), Object { size, tag, modified: now(), body: None, headers });
        Answer::xml("CompleteMultipartUploadResult", &format!("<ETag>&quot;{tag}&quot;</ETag>"))
    }
}

fn numbers(body: &[u8]) -> Option<Vec<u16>> {
    let text = std::str::from_utf8(body).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    let named = document.descendants().filter(|node| node.tag_name().name() == "PartNumber");
    named.map(|node| node.text()?.trim().parse().ok()).collect::<Option<Vec<_>>>().filter(|numbers| !numbers.is_empty())
}
