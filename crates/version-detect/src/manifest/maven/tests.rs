use crate::manifest::memory::{resolved, snapshots};

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

#[test]
fn an_extension_of_the_build_that_versions_by_git_is_named() {
    let version = "<version>1.0.0</version>";
    let extension = "<artifactId>jgitver-maven-plugin</artifactId>";
    let build = |inside: &str| format!("{version}\n<build>{inside}</build>");
    let named = "git:jgitver-maven-plugin@m/pom.xml:4:31";
    check(&build(&format!("<extensions><extension>{extension}</extension></extensions>")), named);
    let plugin = |on: &str| build(&format!("<plugins><plugin>{extension}{on}</plugin></plugins>"));
    check(&plugin("<extensions>true</extensions>"), "git:jgitver-maven-plugin@m/pom.xml:4:25");
    check(&plugin(""), "1.0.0");
}

#[test]
fn the_users_properties_of_maven_4_are_behind_those_of_the_command_line() {
    let user = (".mvn/maven-user.properties", "# c\nrevision = 1.2.3\n");
    check_with("<version>${revision}</version>", &[user], "1.2.3");
    check_with("<version>${revision}</version><properties><revision>0</revision></properties>", &[user], "1.2.3");
    check_with("<version>${revision}</version>", &[user, (".mvn/maven.config", "-Drevision=2")], "2");
}

#[test]
fn an_expression_in_a_property_is_refused_where_that_is_written() {
    let two = "<version>${a}-${b}</version>\n<properties><a>1${x}</a>\n<b>2${y}</b><x>0</x></properties>";
    let told = crate::manifest::memory::resolved(&[("m/pom.xml", &pom(two))], "m/pom.xml");
    let line = pom(two).lines().position(|line| line.contains("<b>")).unwrap() + 1;
    assert!(told.starts_with("?${y} ") && told.ends_with(&format!("@m/pom.xml:{line}:4")), "{told}");
    let own = two.replace("2${y}", "2").replace("-${b}", "-${z}");
    let told = crate::manifest::memory::resolved(&[("m/pom.xml", &pom(&own))], "m/pom.xml");
    let line = pom(&own).lines().position(|line| line.contains("${z}")).unwrap() + 1;
    assert!(told.starts_with("?${z} ") && told.contains(&format!("@m/pom.xml:{line}:")), "{told}");
}

/// A pom with these children, of the group `g` and the artifact `a`.
fn pom(inside: &str) -> String {
    format!(
        "<project>\n<modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId>\n{inside}</project>"
    )
}

#[track_caller]
fn check(inside: &str, expect: &str) {
    check_with(inside, &[], expect);
}

/// The version with its place cut off: those have tests of their own.
#[track_caller]
fn check_with(inside: &str, beside: &[(&str, &str)], expect: &str) {
    let own = pom(inside);
    let files: Vec<_> = beside.iter().copied().chain([("m/pom.xml", own.as_str())]).collect();
    let found = resolved(&files, "m/pom.xml");
    let found = if found.starts_with(['?', '!', 'g']) { found.as_str() } else { found.split('@').next().unwrap() };
    assert_eq!(found, expect, "{inside}");
}

fn profile(id: &str, activation: &str, x: &str) -> String {
    format!("<profile><id>{id}</id><activation>{activation}</activation><properties><x>{x}</x></properties></profile>")
}

/// A version that is `x`, which is 1 without profiles.
#[track_caller]
fn check_profiles(profiles: &[String], beside: &[(&str, &str)], expect: &str) {
    let inside = format!(
        "<version>${{x}}</version><properties><x>1</x></properties>\n<profiles>\n{}</profiles>",
        profiles.join("\n")
    );
    check_with(&inside, beside, expect);
}

#[test]
fn fields_of_the_model_come_before_properties() {
    let prop = "<properties><project.artifactId>p</project.artifactId><artifactId>p</artifactId></properties>";
    check(&format!("<version>1-${{project.artifactId}}</version>{prop}"), "1-a");
    check(&format!("<version>1-${{artifactId}}</version>{prop}"), "1-p");
    check("<version>1-${artifactId}-${packaging}-${pom.groupId}</version>", "1-a-jar-g");
    check("<name>n</name><version>1-${project.name}</version>", "1-n");
    check_with("<version>1-${project.artifactId}</version>", &[(".mvn/maven.config", "-Dproject.artifactId=u")], "1-a");
    check_with(
        &format!("<version>1-${{artifactId}}</version>{prop}"),
        &[(".mvn/maven.config", "-DartifactId=u")],
        "1-u",
    );
}

#[test]
fn a_version_that_refers_to_itself_or_to_the_machine_is_unresolved() {
    check(
        "<version>${project.version}</version>",
        "?${project.version} (its properties refer to each other without end)@m/pom.xml:3:10",
    );
    check(
        "<version>${ x }</version><properties><x>1</x></properties>",
        "?${ x } (neither `<properties>` (of the pom and of the parents in this repository) nor `.mvn/maven.config` define ` x `)@m/pom.xml:3:10",
    );
    check(
        "<version>${java.version}</version>",
        "?${java.version} (it depends on the machine that builds)@m/pom.xml:3:10",
    );
    check("<version>${nisse.jgit.dynamicVersion}</version>", "git:nisse@m/pom.xml:3:10");
    check("<version>1-${git.commit.id.abbrev}</version>", "git:git-commit-id-maven-plugin@m/pom.xml:3:10");
    check("<version>1-${buildNumber}</version>", "git:buildnumber-maven-plugin@m/pom.xml:3:10");
    check("<version>1-${git.x}</version><properties><git.x>2</git.x></properties>", "1-2");
}

#[test]
fn a_blank_version_is_none_also_below_a_parent() {
    let parent = "<parent><groupId>g</groupId><artifactId>p</artifactId><version>1.0</version></parent>";
    check(&format!("{parent}<version> </version>"), "-");
    check(&format!("{parent}<version><!-- c --></version>"), "-");
    check(parent, "1.0");
}

#[test]
fn a_doubled_element_is_malformed_and_a_doubled_property_is_not() {
    check("<version>1</version>\n<version>2</version>", "!a second `<version>`@m/pom.xml:4:1");
    let parent =
        "<parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version><version>2</version></parent>";
    check(parent, "!a second `<version>`@m/pom.xml:3:75");
    check("<version>${x}</version><properties><x>1</x><x>2</x></properties>", "2");
}

#[test]
fn profiles_are_active_as_far_as_files_tell() {
    let property = |name: &str, value: &str| format!("<property><name>{name}</name><value>{value}</value></property>");
    let default = "<activeByDefault>true</activeByDefault>";
    let options = |text| [(".mvn/maven.config", text)];
    check_profiles(&[profile("p", "", "2")], &[], "1");
    check_profiles(&[profile("p", default, "2")], &[], "2");
    check_profiles(&[profile("p", default, "2"), profile("q", &property("!n", ""), "3")], &[], "3");
    check_profiles(&[profile("p", &property("n", ""), "2")], &[], "1");
    check_profiles(&[profile("p", &property("n", ""), "2")], &options("-Dn"), "2");
    check_profiles(&[profile("p", &property("n", "v"), "2")], &options("-Dn=v"), "2");
    check_profiles(&[profile("p", &property("n", "!v"), "2")], &[], "2");
    check_profiles(&[profile("p", &property("!n", "v"), "2")], &options("-Dn=v"), "2");
    let file = |kind: &str, path: &str| format!("<file><{kind}>{path}</{kind}></file>");
    check_profiles(&[profile("p", &file("exists", "pom.xml"), "2")], &[], "2");
    check_profiles(&[profile("p", &file("exists", "${basedir}/f"), "2")], &[("m/f/g", "")], "2");
    check_profiles(&[profile("p", &file("missing", "f"), "2")], &[("m/f", "")], "1");
    let both = format!("{}{}", file("exists", "pom.xml"), property("n", ""));
    check_profiles(&[profile("p", &both, "2")], &[], "1");
    check_profiles(&[profile("p", "", "2"), profile("q", default, "3")], &options("-P p"), "2");
    check_profiles(&[profile("p", default, "2")], &options("-P!p"), "1");
    check_profiles(&[profile("p", default, "2"), profile("q", default, "3")], &[], "3");
}

#[test]
fn a_profile_of_the_machine_matters_only_where_the_version_uses_it() {
    let jdk = "<jdk>[11,)</jdk>";
    let unknown = "?${x} (the profile `p` defines it, and its activity depends on the version of Java)@m/pom.xml:5:32";
    check_profiles(&[profile("p", jdk, "2")], &[], unknown);
    check_profiles(&[profile("p", jdk, "1")], &[], "1");
    check_profiles(&[profile("p", jdk, "2")], &[(".mvn/maven.config", "-P-p")], "1");
    let env = "<property><name>env.CI</name></property>";
    check_profiles(
        &[profile("p", env, "2")],
        &[],
        "?${x} (the profile `p` defines it, and its activity depends on `env.CI` of the machine)@m/pom.xml:5:32",
    );
    // Whether the second is active hangs on the first, which does not touch the version itself.
    let other = format!("<profile><id>p</id><activation>{jdk}</activation></profile>");
    check_profiles(&[other, profile("q", "<activeByDefault>true</activeByDefault>", "3")], &[], unknown);
    check(&format!("<version>1</version><profiles>{}</profiles>", profile("p", jdk, "2")), "1");
}

#[test]
fn a_parents_profiles_look_beside_the_project() {
    let parent = pom(&format!(
        "<version>1</version><profiles>{}</profiles>",
        profile("p", "<file><exists>only-here</exists></file>", "8")
    ));
    let child = "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version></parent><version>${x}</version></project>";
    let files = [("pom.xml", parent.as_str()), ("m/pom.xml", child), ("m/only-here", "")];
    assert_eq!(resolved(&files, "m/pom.xml"), "8@pom.xml:3:129");
    assert!(resolved(&files[..2], "m/pom.xml").starts_with("?${x}"));
}

#[test]
fn only_the_parent_that_is_named_is_one() {
    let child = "<project><modelVersion>4.0.0</modelVersion><parent><groupId>g</groupId><artifactId>a</artifactId><version>VERSION</version>PATH</parent><version>${x}</version></project>";
    let parent = |version: &str| pom(&format!("<version>{version}</version><properties><x>7</x></properties>"));
    let with = |wanted: &str, there: &str, path: &str, file: &str| {
        let child = child.replace("VERSION", wanted).replace("PATH", path);
        let found = resolved(&[(file, &parent(there)), ("m/pom.xml", &child)], "m/pom.xml");
        found.split(['@', ' ']).next().unwrap().to_owned()
    };
    assert_eq!(with("1.0", "1.0", "", "pom.xml"), "7");
    assert_eq!(with("1.0", "1.1", "", "pom.xml"), "?${x}");
    assert_eq!(with("[1,2)", "1.1", "", "pom.xml"), "7");
    assert_eq!(with("[1,2)", "2.1", "", "pom.xml"), "?${x}");
    assert_eq!(with("1.0", "1.0", "<relativePath/>", "pom.xml"), "?${x}");
    assert_eq!(with("1.0", "1.0", "<relativePath>../bom</relativePath>", "bom/pom.xml"), "7");
    assert_eq!(with("1.0", "1.0", "<relativePath>../bom/b.xml</relativePath>", "bom/b.xml"), "7");
    assert_eq!(with("1.0", "1.0", "<relativePath>../../../pom.xml</relativePath>", "pom.xml"), "?${x}");
}

#[test]
fn below_a_range_of_parents_the_version_is_constant() {
    let parent = "<parent><groupId>g</groupId><artifactId>p</artifactId><version>[1,2)</version></parent>";
    let unresolved = "?[1,2) (the version of a parent can be a range only where the pom has a constant version of its own)@m/pom.xml:3:64";
    check(parent, unresolved);
    check(&format!("{parent}<version>${{project.parent.version}}</version>"), unresolved);
    check(&format!("{parent}<version>3</version>"), "3");
}

#[test]
fn the_model_of_maven_4_infers_its_parent() {
    let root = "<project xmlns=\"http://maven.apache.org/POM/4.1.0\"><groupId>g</groupId><artifactId>r</artifactId>\n<version>${v}</version><properties><v>${w:-4.0}</v></properties></project>";
    let child = "<project xmlns=\"http://maven.apache.org/POM/4.1.0\"><parent/><artifactId>c</artifactId></project>";
    assert_eq!(resolved(&[("pom.xml", root), ("c/pom.xml", child)], "c/pom.xml"), "4.0@pom.xml:2:39");
    assert_eq!(
        resolved(&[("c/pom.xml", child)], "c/pom.xml"),
        "?parent.version (the pom of the parent is not in this repository)@c/pom.xml:1:52"
    );
    check(
        "<parent><groupId>g</groupId><artifactId>p</artifactId></parent>",
        "!the `<parent>` has no version@m/pom.xml:3:1",
    );
    check(
        "<version>${w:-4.0}</version>",
        "?${w:-4.0} (only Maven 4 knows defaults in expressions, and the pom has the model of Maven 3)@m/pom.xml:3:10",
    );
    let plus = root.replace("${w:-4.0}", "${v2:+x}${g:+y}1").replace("<v>", "<v2>t</v2><v>");
    assert!(resolved(&[("pom.xml", &plus)], "pom.xml").starts_with("x1@"));
}

#[test]
fn the_nearest_settings_folder_decides() {
    let child = pom("<version>${r}</version><properties><r>1</r></properties>");
    let files = [("m/pom.xml", child.as_str()), (".mvn/maven.config", "-Dr=2"), ("m/.mvn/x", "")];
    assert!(resolved(&files[..2], "m/pom.xml").starts_with("2@"));
    assert!(resolved(&files, "m/pom.xml").starts_with("1@"));
}

#[test]
fn snapshots_are_found_where_their_version_is_written() {
    let item = |name: &str, artifact: &str, version: &str| {
        format!("<{name}><groupId>g</groupId><artifactId>{artifact}</artifactId>{version}</{name}>\n")
    };
    let own = format!(
        "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>2-SNAPSHOT</version></parent>\n<version>1.0</version>\n<properties>\n<d>3-SNAPSHOT</d></properties>\n<dependencies>\n{}{}{}{}</dependencies>\n<build><plugins>\n{}</plugins></build></project>",
        item("dependency", "released", "<version>1</version>"),
        item("dependency", "by-property", "<version>${d}</version>"),
        item("dependency", "managed", ""),
        item("dependency", "unknown", "<version>${nope}-SNAPSHOT</version>"),
        item("plugin", "p", "<version>4-SNAPSHOT</version>"),
    );
    let parent = pom(&format!(
        "<version>2-SNAPSHOT</version><dependencyManagement><dependencies>\n{}{}</dependencies></dependencyManagement>",
        item("dependency", "managed", "<version>5-SNAPSHOT</version>"),
        item("dependency", "not-used", "<version>6-SNAPSHOT</version>"),
    ));
    let files = [("m/pom.xml", own.as_str()), ("pom.xml", parent.as_str())];
    assert_eq!(
        snapshots(&files, "m/pom.xml"),
        [
            "parent g:a 2-SNAPSHOT@m/pom.xml:1",
            "dependency g:by-property 3-SNAPSHOT@m/pom.xml:4",
            "dependency g:managed 5-SNAPSHOT@pom.xml:4",
            "plugin g:p 4-SNAPSHOT@m/pom.xml:12",
        ]
    );
}
