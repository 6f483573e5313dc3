//! Reads how the distributions show the bucket.

use std::collections::BTreeSet;

use aws_client::ApiErrorKind;

use crate::bucket::{BucketName, DistributionId};
use crate::clients::Clients;
use crate::cloudfront::{Config, refused};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::invalidation::{Configuration, Distribution, Folders, Wanted};

/// An answer that an object is not there, and is kept for fewer seconds than this, is nothing to pay for.
const FORGETFUL: u64 = 60;

/// Reads the configuration of every distribution; one that may not be read is assumed to show the bucket's root, the folder
/// of the site, or any between them: an invalidation of a path that nobody asks for does no harm.
pub(crate) async fn read(inputs: &Inputs, clients: &Clients) -> Result<Vec<Distribution>, Error> {
    let read = inputs.distributions.iter().map(|id| async move {
        match clients.distribution_config(id).await {
            Ok(config) => Ok(distribution(id, config, &inputs.bucket)),
            // Whether it reads tags could not be known.
            Err(error) if error.kind == ApiErrorKind::AccessDenied && inputs.invalidation != Wanted::Tags => {
                Ok(unreadable(id, Some("index.html".to_owned()), inputs))
            }
            Err(error) => Err(refused(id, error)),
        }
    });
    futures::future::join_all(read).await.into_iter().collect()
}

fn unreadable(id: &DistributionId, root_object: Option<String>, inputs: &Inputs) -> Distribution {
    let mut distribution = Distribution::assumed(id.clone(), root_object, Configuration::Unreadable);
    let folder = inputs.prefix.as_str().trim_end_matches('/');
    let folders = folder.match_indices('/').map(|(end, _)| &folder[..end]).chain([folder]);
    distribution.origin_paths.extend(folders.map(str::to_owned));
    distribution
}

pub(super) fn distribution(id: &DistributionId, config: Config, bucket: &BucketName) -> Distribution {
    let tag_header = Some(config.tag_header).filter(|header| !header.is_empty());
    let root_object = config.root_object.trim_start_matches('/');
    let root_object = (!root_object.is_empty()).then(|| root_object.to_owned());
    let (own, others): (Vec<_>, Vec<_>) =
        config.origins.iter().partition(|origin| names_bucket(&origin.domain, bucket));
    let origin_paths: BTreeSet<String> = own.iter().map(|origin| origin.path.trim_matches('/').to_owned()).collect();
    // What is no other origin is the bucket's, or a group that may have it.
    let is_own = |target: &String| own.is_empty() || others.iter().all(|origin| origin.id != *target);
    let (behaviors, foreign): (Vec<_>, Vec<_>) =
        config.behaviors.into_iter().partition(|behavior| is_own(&behavior.target));
    let behaviors = behaviors.into_iter().map(|behavior| behavior.behavior).collect();
    let neighbors = foreign.iter().map(|behavior| behavior.behavior.start()).collect();
    if origin_paths.is_empty() {
        return Distribution {
            behaviors,
            tag_header,
            ..Distribution::assumed(id.clone(), root_object, Configuration::OtherOrigins)
        };
    }
    let is_website = own.iter().any(|origin| origin.domain.contains(".s3-website"));
    let folders = if is_website { Folders::Index } else { Folders::Nothing };
    Distribution {
        id: id.clone(),
        origin_paths,
        root_object,
        folders,
        behaviors,
        neighbors,
        error_pages: config.error_pages.into_iter().filter(|(_, kept)| *kept >= FORGETFUL).collect(),
        forgets_absence: !is_website && config.errors_kept < FORGETFUL,
        tag_header,
        configuration: Configuration::Known,
    }
}

/// Whether an origin's domain name is one of the bucket's: `NAME.s3.REGION.amazonaws.com`, `NAME.s3-website-REGION…`.
pub(crate) fn names_bucket(domain: &str, bucket: &BucketName) -> bool {
    let rest = domain.strip_prefix(bucket.as_str()).unwrap_or_default();
    let is_start = rest.starts_with(".s3.") || rest.starts_with(".s3-");
    // A bucket may be called `NAME.s3.` and more.
    is_start && rest.matches(".s3.").count() + rest.matches(".s3-").count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket::Prefix;

    #[test]
    fn an_origin_is_recognized_by_the_bucket_s_domain_names() {
        let bucket = BucketName::parse("site").unwrap();
        for domain in [
            "site.s3.amazonaws.com",
            "site.s3.eu-west-1.amazonaws.com",
            "site.s3-website-us-east-1.amazonaws.com",
            "site.s3-website.eu-central-1.amazonaws.com",
        ] {
            assert!(names_bucket(domain, &bucket), "{domain}");
        }
        for domain in [
            "site2.s3.amazonaws.com",
            "other.example.com",
            "site.example.com",
            "site.s3.x.s3.eu-west-1.amazonaws.com",
            "site.s3-x.s3-website-us-east-1.amazonaws.com",
        ] {
            assert!(!names_bucket(domain, &bucket), "{domain}");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_a_neighbor() {
        let id = crate::plan::tests::inputs().distributions.remove(0);
        let known = distribution(&id, crate::cloudfront::tests::sample(), &BucketName::parse("site").unwrap());
        assert_eq!((known.configuration, known.folders), (Configuration::Known, Folders::Nothing));
        assert_eq!(known.paths("site/docs/a/index.html"), ["/docs/a/index.html", "/docs/a/", "/docs/a"]);
        assert_eq!(known.neighbors, BTreeSet::from(["/api/".to_owned()]));
        assert_eq!(known.behaviors.len(), 2);
        assert!(known.is_free("site/a.html") && !known.is_free("site/docs/a.html"));
        let website = crate::cloudfront::tests::sample_of("site.s3-website.eu-central-1.amazonaws.com");
        let website = distribution(&id, website, &BucketName::parse("site").unwrap());
        assert_eq!(website.folders, Folders::Index);
        assert!(!website.is_free("site/a.html"));
        let other = distribution(&id, crate::cloudfront::tests::sample(), &BucketName::parse("elsewhere").unwrap());
        assert_eq!((other.configuration, other.behaviors.len()), (Configuration::OtherOrigins, 3));
    }

    #[track_caller]
    fn check_unreadable(prefix: &str, key: &str, expect: &[&str]) {
        let inputs = Inputs { prefix: Prefix::parse(prefix).unwrap(), ..crate::plan::tests::inputs() };
        let distribution = unreadable(&inputs.distributions[0], None, &inputs);
        assert_eq!(distribution.configuration, Configuration::Unreadable);
        let paths: BTreeSet<String> = distribution.paths(key).into_iter().collect();
        assert_eq!(paths, expect.iter().map(|path| (*path).to_owned()).collect(), "{prefix} {key}");
    }

    #[test]
    fn an_unreadable_distribution_may_show_the_folder_or_the_whole_bucket() {
        check_unreadable("site", "site/app.js", &["/site/app.js", "/app.js"]);
        check_unreadable("site/", "site/index.html", &["/site/index.html", "/site/", "/index.html", "/"]);
        check_unreadable("sites/a", "sites/a/app.js", &["/sites/a/app.js", "/a/app.js", "/app.js"]);
    }

    #[test]
    fn an_unreadable_distribution_of_a_bucket_without_a_folder_has_one_form_of_a_path() {
        check_unreadable("", "docs/app.js", &["/docs/app.js"]);
    }
}
