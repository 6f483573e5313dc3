//! Deletes many objects with one request (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>).

use aws_client::call::xml::{Odd, escape};
use aws_client::direct::{Refused, Request};
use bytes::Bytes;

use crate::clients::Line;
use crate::digest::Md5Sum;

use super::xml::Element;
use super::{ask, bare, header, patience};

/// The most keys of one request.
pub(crate) const BATCH: usize = 1000;

/// A key that was not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undeleted {
    /// The key, if S3 names it.
    pub(crate) key: Option<String>,
    /// Why, if S3 says so.
    pub(crate) code: Option<String>,
}

/// Deletes `objects`, each a key and the `ETag` it must have, if any; at most [`BATCH`] of them, and none whose key XML cannot carry.
/// Returns what was not deleted: S3 answers with success also when that is all. It wants the sum of what it got.
pub(crate) async fn delete_batch(
    line: &Line,
    objects: impl Iterator<Item = (&str, Option<String>)>,
) -> Result<Vec<Undeleted>, Refused> {
    let body = Bytes::from(document(objects));
    let headers = vec![header("content-type", "application/xml"), header("content-md5", Md5Sum::of(&body).base64())];
    let patience = patience(&body);
    let request = Request { headers, body, patience, ..bare("POST", "/?delete".to_owned()) };
    ask(line, &request, "DeleteResult", undeleted).await
}

fn document<'a>(objects: impl Iterator<Item = (&'a str, Option<String>)>) -> String {
    let mut xml = String::from("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (key, etag) in objects {
        xml.push_str("<Object><Key>");
        xml.push_str(&escape(key));
        xml.push_str("</Key>");
        if let Some(etag) = etag {
            xml.push_str("<ETag>");
            xml.push_str(&escape(&etag));
            xml.push_str("</ETag>");
        }
        xml.push_str("</Object>");
    }
    // What is deleted is not repeated.
    xml + "<Quiet>true</Quiet></Delete>"
}

fn undeleted(root: Element<'_, '_>) -> Result<Vec<Undeleted>, Odd> {
    let one = |error: Element<'_, '_>| {
        let text = |name| Ok(error.optional_text(name)?.map(Into::into));
        Ok(Undeleted { key: text("Key")?, code: text("Code")? })
    };
    root.all("Error").map(one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::xml;
    use super::*;

    #[test]
    fn a_request_names_each_key_with_its_condition() {
        let objects = [("a & <b>\r\n+%", Some("abc-2".to_owned())), ("é\u{1f600}", None)];
        let expect = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a &amp; &lt;b&gt;&#13;&#10;+%</Key>\
            <ETag>abc-2</ETag></Object><Object><Key>é\u{1f600}</Key></Object><Quiet>true</Quiet></Delete>";
        assert_eq!(document(objects.into_iter()), expect);
    }

    #[test]
    fn what_was_not_deleted_is_told() {
        let parse = |text: &str| xml::read(text.as_bytes(), undeleted).unwrap();
        assert_eq!(parse("<DeleteResult/>"), []);
        let text = "<DeleteResult><Deleted><Key>b</Key></Deleted><Error><Key>a&amp;&#13;</Key><Code>AccessDenied</Code>\
            <Message>no</Message></Error><Error/></DeleteResult>";
        let denied = Undeleted { key: Some("a&\r".into()), code: Some("AccessDenied".into()) };
        assert_eq!(parse(text), [denied, Undeleted { key: None, code: None }]);
    }

    proptest! {
        /// Any key that XML can carry arrives as it is.
        #[test]
        fn keys_arrive_as_they_are(keys in prop::collection::vec("([\\t\\n\\r\u{20}-\u{fffd}]|\\PC){1,20}", 0..5)) {
            let body = document(keys.iter().map(|key| (key.as_str(), None)));
            let read = xml::read(body.as_bytes(), |root| {
                root.all("Object").map(|object| object.child("Key")?.text().map(Into::into)).collect::<Result<Vec<String>, Odd>>()
            });
            prop_assert_eq!(read, Ok(keys));
        }
    }
}
