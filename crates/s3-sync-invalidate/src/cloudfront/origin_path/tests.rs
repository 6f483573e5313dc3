use proptest::prelude::*;

use super::*;

/// Things that this program does not know, between those that it reads.
fn filler() -> impl Strategy<Value = String> {
    let known = prop_oneof![
        Just(String::new()),
        Just("\n\t ".to_owned()),
        Just("<!-- <OriginPath>/no</OriginPath> -->".to_owned()),
        Just("<?slipway <OriginPath/>?>".to_owned()),
        Just("<Future a='1 > 0' b=\"&lt;\"><OriginPath>/deep</OriginPath></Future>".to_owned()),
        Just("<Tiny/>".to_owned()),
        Just("<Text>a&amp;b&#13;\r\n é🚢<![CDATA[<OriginPath>/x</OriginPath>]]></Text>".to_owned()),
    ];
    prop::collection::vec(known, 0..3).prop_map(|parts| parts.concat())
}

#[derive(Debug, Clone)]
struct Sample {
    fillers: Vec<String>,
    head: &'static str,
    prefix: &'static str,
}

fn samples() -> impl Strategy<Value = Sample> {
    let head =
        prop_oneof![Just(""), Just("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"), Just("<?xml version='1.0'?>")];
    let prefix = prop_oneof![Just(""), Just("cf:")];
    (prop::collection::vec(filler(), 8), head, prefix).prop_map(|(fillers, head, prefix)| Sample {
        fillers,
        head,
        prefix,
    })
}

impl Sample {
    /// A configuration; `paths` are what stands in the three origins for their path.
    fn with(&self, paths: [&str; 3]) -> String {
        let Self { fillers: f, head, prefix: p } = self;
        let origin = |id: &str, index: usize| {
            format!(
                "<{p}Origin>{}<{p}Id>{id}</{p}Id>{}<{p}DomainName>site.s3.eu-west-1.amazonaws.com</{p}DomainName>{}{}</{p}Origin>",
                f[index],
                f[index + 1],
                paths[index],
                f[index + 2],
            )
        };
        format!(
            "{head}<{p}DistributionConfig xmlns:cf=\"urn:x\">{}<{p}Origins>{}<{p}Items>{}{}{}{}</{p}Items></{p}Origins>{}\
             </{p}DistributionConfig>",
            f[5],
            f[6],
            origin("a", 0),
            origin("b", 1),
            f[7],
            origin("c", 2),
            f[4],
        )
    }

    fn path(&self, text: &str) -> String {
        format!("<{0}OriginPath>{text}</{0}OriginPath>", self.prefix)
    }
}

proptest! {
    #[test]
    fn nothing_but_the_origin_path_changes(sample in samples(), old in "(/[a-z&]{0,8}){0,2}", new in "/[a-zA-Z0-9&<>-]{1,20}") {
        let (old, expect) = (sample.path(&escape(&old)), sample.path(&escape(&new)));
        let other = sample.path("/other");
        let before = sample.with([&old, &other, &old]);
        let one = with_origin_path(&before, &["a"], &new).unwrap();
        prop_assert_eq!(&one, &sample.with([&expect, &other, &old]));
        let two = with_origin_path(&before, &["a", "c"], &new).unwrap();
        prop_assert_eq!(two, sample.with([&expect, &other, &expect]));
        // Back again it is what it was.
        let old = Document::parse(&before).unwrap();
        let old = old.descendants().find(|node| node.has_tag_name_of("Id")).and_then(|id| child(id.parent()?, "OriginPath"));
        let old = old.and_then(|path| path.text()).unwrap_or_default().to_owned();
        prop_assert_eq!(with_origin_path(&one, &["a"], &old).unwrap(), before);
    }

    #[test]
    fn an_origin_without_a_path_gets_one(sample in samples(), new in "/[a-z&]{1,20}") {
        let (empty, expect) = (format!("<{}OriginPath/>", sample.prefix), sample.path(&escape(&new)));
        let other = sample.path("/other");
        let before = sample.with(["", &empty, &other]);
        prop_assert_eq!(with_origin_path(&before, &["b"], &new).unwrap(), sample.with(["", &expect, &other]));
        prop_assert_eq!(with_origin_path(&before, &["a"], &new).unwrap(), sample.with([&expect, &empty, &other]));
    }
}

#[test]
fn what_is_written_oddly_is_left_alone() {
    let config = |path: &str| {
        format!(
            "<DistributionConfig><Origins><Items><Origin><Id>a</Id><DomainName>d</DomainName>{path}</Origin></Items></Origins>\
             </DistributionConfig>"
        )
    };
    for path in [
        "<OriginPath a=\"1\">/x</OriginPath>",
        "<OriginPath>/<!-- x -->y</OriginPath>",
        "<OriginPath><A/></OriginPath>",
    ] {
        assert!(with_origin_path(&config(path), &["a"], "/new").is_err(), "{path}");
    }
    assert!(with_origin_path(&config("<OriginPath/>"), &["b"], "/new").is_err());
    assert!(with_origin_path("<DistributionConfig>", &["a"], "/new").is_err());
    assert!(with_origin_path("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", &["a"], "/new").is_err());
    assert_eq!(
        with_origin_path(&config("<OriginPath  >/x</OriginPath >"), &["a"], "/new"),
        Ok(config("<OriginPath  >/new</OriginPath >"))
    );
}
