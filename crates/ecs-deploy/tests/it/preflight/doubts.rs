//! What is not certain, and is told all the same.

use super::{not_found, step, world};
use crate::preflight::file;
use crate::scene::run;

#[test]
fn an_image_that_is_not_there_is_warned_of_where_nobody_says_whether_it_comes() {
    let aws = world();
    not_found(&aws);
    aws.on("DescribePullThroughCacheRules").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws, &file()));
    out.assert_code(0);
    let told = "the repository shop has no tag 2; whether it comes from elsewhere when it is pulled is not known: grant \
                `ecr:DescribePullThroughCacheRules` to know that";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    assert!(out.stdout.contains("::warning") && out.stdout.contains(told), "{}", out.stdout);
}
