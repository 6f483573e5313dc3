use crate::manifest::memory::resolved;

const POM: (&str, &str) = ("a/pom.xml", "<project><version>1.0.0</version></project>");

#[test]
fn an_extension_that_versions_by_git_is_named() {
    let with = |artifact: &str| {
        let text = format!(
            "<extensions>\n <extension><groupId>g</groupId>\n  <artifactId>{artifact}</artifactId></extension></extensions>"
        );
        resolved(&[POM, (".mvn/extensions.xml", &text)], POM.0)
    };
    assert_eq!(with("jgitver-maven-plugin"), "git:jgitver-maven-plugin@.mvn/extensions.xml:3:3");
    assert_eq!(with("maven-git-versioning-extension"), "git:maven-git-versioning-extension@.mvn/extensions.xml:3:3");
    assert_eq!(with("maven-build-cache-extension"), "1.0.0@a/pom.xml:1:19");
    assert!(resolved(&[POM, (".mvn/extensions.xml", "<a>")], POM.0).starts_with('!'));
}
