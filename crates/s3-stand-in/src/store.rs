//! The objects and what is done to one of them.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::answer::Answer;
use crate::listing;
use crate::multipart::Uploads;
use crate::object::{Object, Sent, Tag, rfc3339};
use crate::operation::Operation;
use crate::request::Head;

/// Every object by its bucket and key, `site/index.html`: in the order of their UTF-8 bytes, as S3 lists them.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) uploads: Uploads,
}

impl Store {
    /// Does what a request asks for.
    pub(crate) fn answer(&mut self, operation: Operation, head: &Head, sent: &Sent<'_>) -> Answer {
        match operation {
            Operation::PutObject => self.put(head, sent),
            Operation::GetObject | Operation::HeadObject => self.get(head, operation == Operation::HeadObject),
            Operation::ListObjects | Operation::ListObjectsV2 => listing::answer(&self.objects, operation, head),
            Operation::DeleteObject => self.delete(head),
            Operation::DeleteObjects => self.delete_many(head, sent.body.unwrap_or_default()),
            Operation::CopyObject => self.copy(head),
            Operation::CreateMultipartUpload => self.uploads.create(head),
            Operation::UploadPart => self.uploads.part(head, sent),
            Operation::CompleteMultipartUpload => self.complete(head, sent.body.unwrap_or_default()),
            Operation::AbortMultipartUpload => self.uploads.abort(head),
            Operation::HeadBucket | Operation::CreateBucket => {
                Answer::empty(200).header("x-amz-bucket-region", "eu-west-1")
            }
            Operation::GetBucketLocation => Answer::xml("LocationConstraint", "eu-west-1"),
            Operation::ListMultipartUploads => {
                Answer::xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>")
            }
            Operation::Unknown => Answer::error(501, "NotImplemented"),
        }
    }

    /// Why a write does not happen, by its conditions.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    pub(crate) fn refusal(&self, head: &Head) -> Option<Answer> {
        let found = self.objects.get(&head.path).map(|object| object.tag.to_string());
        match (&head.if_match, &head.if_none_match, found) {
            (Some(_), _, None) => Some(Answer::error(404, "NoSuchKey")),
            (Some(wanted), _, Some(found)) if *wanted != "*" && *wanted != found => {
                Some(Answer::error(412, "PreconditionFailed"))
            }
            (_, Some(_), Some(_)) => Some(Answer::error(412, "PreconditionFailed")),
            _ => None,
        }
    }

    fn put(&mut self, head: &Head, sent: &Sent<'_>) -> Answer {
        if let Some(refusal) = self.refusal(head) {
            return refusal;
        }
        let object = sent.object();
        let tag = object.tag;
        self.objects.insert(head.path.clone(), object);
        tagged(tag)
    }

    fn get(&self, head: &Head, is_head: bool) -> Answer {
        let Some(object) = self.objects.get(&head.path) else { return Answer::error(404, "NoSuchKey") };
        let tag = object.tag.to_string();
        if head.if_none_match.as_ref().is_some_and(|other| *other == tag) {
            return Answer::empty(304).header("etag", &format!("\"{tag}\""));
        }
        if head.if_match.as_ref().is_some_and(|wanted| *wanted != tag) {
            return Answer::error(412, "PreconditionFailed");
        }
        if !is_head && object.body.is_none() && object.size > 0 {
            return Answer::error(501, "NotImplemented");
        }
        Answer::object(object, is_head)
    }

    fn copy(&mut self, head: &Head) -> Answer {
        let source = head.copy_source.as_ref().and_then(|source| self.objects.get(source));
        let Some(source) = source else { return Answer::error(404, "NoSuchKey") };
        let copied = Object { modified: crate::object::now(), ..source.clone() };
        let result =
            format!("<ETag>&quot;{}&quot;</ETag><LastModified>{}</LastModified>", copied.tag, rfc3339(copied.modified));
        self.objects.insert(head.path.clone(), copied);
        Answer::xml("CopyObjectResult", &result)
    }

    /// The objects of a bucket after a key, with their keys.
    pub(crate) fn after<'a>(
        objects: &'a BTreeMap<String, Object>,
        bucket: &'a str,
        start: Bound<String>,
    ) -> impl Iterator<Item = (&'a str, &'a Object)> {
        let within = objects.range((start, Bound::Unbounded));
        within.map_while(move |(path, object)| {
            let key = path.strip_prefix(bucket)?.strip_prefix('/')?;
            Some((key, object))
        })
    }
}

/// What a write answers.
pub(crate) fn tagged(tag: Tag) -> Answer {
    Answer::empty(200).header("etag", &format!("\"{tag}\""))
}
