//! What went wrong in other tools, each a test of ours. Here are those that have no better place; the others are:
//!
//! | what went wrong | test |
//! | --- | --- |
//! | a prefix without a slash deletes what lies in a sibling | `publish::deletes_stay_inside_the_prefix_and_are_asked_for` |
//! | a failed upload does not stop the next group, nor the deletes | `stops::a_failing_upload_leaves_pages_and_deletes_untouched` |
//! | pages before assets, deletes among uploads, the invalidation before the deletes | `publish::assets_go_before_pages_and_the_invalidation_after_both`, `visitor` |
//! | names become words of a command line | `publish::hostile_names_arrive_as_they_are`, `round_trips` |
//! | objects under KMS go up each time, or never | `publish::objects_whose_etag_is_no_md5_are_compared_by_our_metadata`, laws of `plan::release` |
//! | errors of single keys in the answer to a delete are not read | `errors::keys_that_could_not_be_deleted_are_named` |
//! | the limit of deletes is off by one | `deletes::more_than_the_limit_is_refused_before_anything_changes` |
//! | more than 15 wildcards | the laws of `invalidation::cover` |
//! | a time-out of the wait fails the deployment | `invalidations` |
//! | a change of nothing but a header is never published | `publish::a_change_of_headers_alone_goes_up_without_a_look_at_the_object` |

use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::publish::small_site;
use crate::site::{Site, between, invalidations};

#[test]
fn a_cache_control_of_ones_own_does_not_upload_everything_each_time() {
    let site = small_site().input("cache-control", "**: public, max-age=60");
    site.run().assert_code(0);
    let again = site.run();
    assert_eq!(again.assert_code(0).outputs["changed"], "false");
}

#[test]
fn a_file_whose_object_may_not_be_read_goes_up_instead_of_being_left_out() {
    let site = Site::new().input("manifest", "none");
    site.put("site/index.html", b"<html>old");
    site.write("index.html", "<html>new");
    site.proxy.faults().add(Fault::status(403).on("HEAD", "*").always());
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["uploaded"], "1");
    assert_eq!(site.get("site/index.html").to_text(), "<html>new");
}

#[test]
fn the_same_etag_with_another_size_is_another_object() {
    let site = small_site();
    site.run().assert_code(0);
    let shrink = |request: &Request, reply: Reply| {
        if request.query_value("list-type").is_none() {
            return reply;
        }
        Reply::xml(reply.status, reply.to_text().replacen("<Size>9</Size>", "<Size>8</Size>", 1))
    };
    site.proxy.faults().add(Fault::rewrite(shrink).matching(crate::site::is_listing));
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["uploaded"], "1");
}

#[test]
fn a_name_that_ends_in_a_space_is_invalidated_as_it_is() {
    let site = Site::new();
    for name in ["trailing ", "a.txt "] {
        site.write(name, "x");
    }
    site.run().assert_code(0);
    assert_eq!(site.invalidations(), [["/a.txt%20", "/trailing%20"]]);
}

#[test]
fn two_changes_within_a_second_have_references_of_their_own() {
    let site = small_site();
    let second = site.second_distribution();
    let both = format!("{}\n{second}", site.distribution);
    let site = site.input("distribution-id", &both);
    let mut references = Vec::new();
    for content in ["<html>one", "<html>two", "<html>three"] {
        site.write("index.html", content);
        site.run().assert_code(0);
        for request in site.requests().iter().filter(|request| request.path.ends_with("/invalidation")) {
            references.extend(between(&request.text(), "<CallerReference>", "</CallerReference>"));
        }
    }
    assert_eq!(references.len(), 6);
    references.sort();
    references.dedup();
    assert_eq!(references.len(), 6, "{references:?}");
    assert_eq!((invalidations(&site.distribution).len(), invalidations(&second).len()), (3, 3));
}
