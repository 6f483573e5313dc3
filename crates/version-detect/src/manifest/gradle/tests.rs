use crate::manifest::memory::{consulted, discovered, resolved};

/// A script of Groovy alone.
#[track_caller]
fn groovy(script: &str, expect: &str) {
    assert_eq!(resolved(&[("build.gradle", script)], "build.gradle"), expect, "{script}");
}

/// A script of Kotlin alone.
#[track_caller]
fn kotlin(script: &str, expect: &str) {
    assert_eq!(resolved(&[("build.gradle.kts", script)], "build.gradle.kts"), expect, "{script}");
}

/// A script of either language, whose answer ends in the place.
#[track_caller]
fn both(script: &str, expect: &str) {
    groovy(script, &expect.replace('@', "@build.gradle:"));
    kotlin(script, &expect.replace('@', "@build.gradle.kts:"));
}

/// A subproject `a` below a root.
#[track_caller]
fn child(root: &str, own: &str, expect: &str) {
    let files = [("settings.gradle", "include 'a'"), ("build.gradle", root), ("a/build.gradle", own)];
    assert_eq!(resolved(&files, "a/build.gradle"), expect, "{root} / {own}");
}

#[test]
fn a_script_sets_its_version() {
    both("version = \"1.2.3\"", "1.2.3@1:11");
    both("group = \"g\"\n\nversion=\"1.2.3\" // the version\n", "1.2.3@3:9");
    both("project.version = \"1.2.3\"; group = \"g\"", "1.2.3@1:19");
    both("this.version = \"1.2.3\"", "1.2.3@1:16");
    both("setVersion(\"1.2.3\")", "1.2.3@1:12");
    both("version(\"1.2.3\")", "1.2.3@1:9");
    both("version =\n    \"1.2.3\"", "1.2.3@2:5");
    both("version = \"1.0\"\nversion = \"1.2.3\"", "1.2.3@2:11");
    both("/* version = \"0\" */\n// version = \"0\"\nversion = \"1.2.3\"", "1.2.3@3:11");
    both("version = \"1.2\"\nversion += \".3-SNAPSHOT\"", "1.2.3-SNAPSHOT@2:12");
    groovy("version '1.2.3'", "1.2.3@build.gradle:1:9");
    groovy("version 1.2", "1.2@build.gradle:1:9");
    groovy("allprojects {\n  version '1.2.3'\n}", "1.2.3@build.gradle:2:11");
    groovy("setVersion '1.2.3'", "1.2.3@build.gradle:1:12");
    kotlin("rootProject.version = \"1.2.3\"", "1.2.3@build.gradle.kts:1:23");
    kotlin("allprojects { group = \"g\"; version = \"1.2.3\" }", "1.2.3@build.gradle.kts:1:38");
    kotlin("rootProject.apply { version = \"1.2.3\" }", "1.2.3@build.gradle.kts:1:31");
}

#[test]
fn the_versions_of_other_things_are_not_the_projects() {
    let others = "plugins {\n  id(\"a.b\") version \"9\"\n  kotlin(\"jvm\") version \"9\"\n}\n\
        dependencies { implementation(\"a:b:9\") { version { strictly(\"9\") } } }\n\
        publishing { publications { create<MavenPublication>(\"m\") { version = \"9\"; this.version = \"9\" } } }\n\
        android { defaultConfig { versionName = \"9\"; versionCode = 9 } }\n\
        tasks.register<Zip>(\"z\") { archiveVersion = \"9\"; version = \"9\" }\n\
        java { toolchain { languageVersion = JavaLanguageVersion.of(9) } }\n\
        versionCatalogs { create(\"libs\") { version(\"x\", \"9\") } }\n\
        println(\"version = 9\")\nval text = \"\"\"\nversion = \"9\"\n\"\"\"\nsourceVersion = \"9\"\nfoo.version = \"9\"\n";
    kotlin(&format!("{others}version = \"1.2.3\""), "1.2.3@build.gradle.kts:17:11");
    kotlin(others, "-");
    groovy("android { defaultConfig { versionName '9' } }\ntask x { version = '9' }\npom.with { version = '9' }", "-");
    groovy("def version = '9'\nversion = '10'", "-");
    groovy("def version = '9'\nproject.version = version", "9@build.gradle:1:15");
    kotlin("val version = \"9\"\nproject.version = \"$version-SNAPSHOT\"", "9-SNAPSHOT@build.gradle.kts:2:19");
}

#[test]
fn names_have_the_values_that_the_files_give_them() {
    groovy("def v = '1.2.3'\nversion = v", "1.2.3@build.gradle:1:9");
    groovy("final String v = '1.2.3'\nversion = v", "1.2.3@build.gradle:1:18");
    groovy("ext.v = '1.2.3'\nversion = v", "1.2.3@build.gradle:1:9");
    groovy("ext { major = 1\n minor = 2 }\nversion = \"$major.${minor}.0\"", "1.2.0@build.gradle:3:11");
    groovy("ext { set('v', '1.2.3') }\nversion project.ext.v", "1.2.3@build.gradle:1:16");
    groovy("ext['v'] = '1.2.3'\nversion = ext['v']", "1.2.3@build.gradle:1:12");
    groovy("buildscript { ext.v = '1.2.3' }\nversion = rootProject.ext.v", "1.2.3@build.gradle:1:23");
    groovy(
        "def a = 1, b = 2\nversion = \"${a}\"",
        "?a = 1, b = 2 (only Gradle can tell what it is)@build.gradle:1:9".replace("a = 1, b", "1, b").as_str(),
    );
    groovy("ext.version = '1.2.3'\nversion = ext.version", "1.2.3@build.gradle:1:15");
    groovy("version = [1, 2, 3].join('.')", "1.2.3@build.gradle:1:11");
    groovy("def v = '1.0'\nv = '1.2.3'\nversion = v + '-SNAPSHOT'", "1.2.3-SNAPSHOT@build.gradle:3:11");
    groovy("def o = [v: 1]\nversion = \"$o.v\"", "?[v: 1] (only Gradle can tell what it is)@build.gradle:1:9");
    kotlin("val v = \"1.2.3\"\nversion = v", "1.2.3@build.gradle.kts:1:9");
    kotlin("val v: String = \"1.2.3\"\nversion = \"$v\"", "1.2.3@build.gradle.kts:1:17");
    kotlin("val v by extra(\"1.2.3\")\nversion = v", "1.2.3@build.gradle.kts:1:16");
    kotlin("val v by extra { \"1.2.3\" }\nversion = v", "1.2.3@build.gradle.kts:1:18");
    kotlin("extra[\"v\"] = \"1.2.3\"\nversion = extra[\"v\"] as String", "1.2.3@build.gradle.kts:1:14");
    kotlin(
        "extra.set(\"v\", \"1.2.3\")\nversion = rootProject.extra.get(\"v\")!!.toString()",
        "1.2.3@build.gradle.kts:1:16",
    );
    kotlin("val a = 1\nval b = 2\nversion = \"$a.$b.0\"", "1.2.0@build.gradle.kts:3:11");
    kotlin("version = listOf(1, 2, 3).joinToString(\".\")", "1.2.3@build.gradle.kts:1:11");
    kotlin("private const val V = \"1.2.3\"\nversion = V", "1.2.3@build.gradle.kts:1:23");
    kotlin(
        "val snapshot = true\nversion = if (snapshot) \"1.2.3-SNAPSHOT\" else \"1.2.3\"",
        "1.2.3-SNAPSHOT@build.gradle.kts:2:25",
    );
    kotlin("val v: String? by extra\nversion = v", "?v (nothing in the files sets it)@build.gradle.kts:1:16");
    both("version = \"\\u0031.0\"".replace("\\u0031", "1").as_str(), "1.0@1:11");
}

#[test]
fn properties_come_before_scripts() {
    let with = |properties: &str, script: &str| {
        resolved(&[("gradle.properties", properties), ("build.gradle", script)], "build.gradle")
    };
    assert_eq!(
        with("group=g\nversion=4.0.0-SNAPSHOT\n", "plugins { id 'base' }"),
        "4.0.0-SNAPSHOT@gradle.properties:2:9"
    );
    assert_eq!(with("version=1.0", "version = '2.0'"), "2.0@build.gradle:1:11");
    for script in [
        "version = v",
        "version = project.v",
        "version = property('v')",
        "version = project.property(\"v\")",
        "version = findProperty('v')",
        "version = project.findProperty('v') ?: 'x'",
        "version = providers.gradleProperty('v').get()",
        "version = providers.gradleProperty(\"v\").orElse('x').get()",
        "version = \"${project.v}\"",
        "version = \"$v\"",
        "version = project.properties['v']",
        "version = project['v']",
        "version = project.hasProperty('v') ? v : 'x'",
        "version = rootProject.v.trim()",
        "version project.v",
        "version = v.toString()",
        "def x = v\nversion = x",
    ] {
        assert_eq!(with("v=1.2.3", script), "1.2.3@gradle.properties:1:3", "{script}");
    }
    assert_eq!(with("", "version = findProperty('v') ?: '1.2.3'"), "1.2.3@build.gradle:1:32");
    assert_eq!(with("", "version = providers.gradleProperty('v').getOrElse('1.2.3')"), "1.2.3@build.gradle:1:51");
    let option = "?v (it depends on an option of the command line)@build.gradle:1:11";
    assert_eq!(with("", "version = project.hasProperty('v') ? v : '1'"), option);
    assert_eq!(with("", "version = property('v')"), "?v (nothing in the files sets it)@build.gradle:1:11");
    assert_eq!(with("version=1.2", "version = \"$version-SNAPSHOT\""), "1.2-SNAPSHOT@build.gradle:1:11");
    let kotlin =
        |script: &str| resolved(&[("gradle.properties", "v=1.2.3"), ("build.gradle.kts", script)], "build.gradle.kts");
    for script in [
        "val v: String by project\nversion = v",
        "version = property(\"v\")!!",
        "version = property(\"v\") as String",
        "version = providers.gradleProperty(\"v\").get()",
        "val v: String by rootProject.extra\nversion = \"$v\"",
        "version = findProperty(\"v\")?.toString() ?: \"x\"",
        "version = project.properties[\"v\"].toString()",
        "allprojects { version = rootProject.property(\"v\") as String }",
        "version = providers.gradleProperty(\"v\").getOrElse(\"x\")",
    ] {
        assert_eq!(kotlin(script), "1.2.3@gradle.properties:1:3", "{script}");
    }
}

#[test]
fn properties_with_other_names_count_where_nothing_sets_a_version() {
    let with = |properties: &str, script: &str| {
        resolved(&[("gradle.properties", properties), ("build.gradle", script)], "build.gradle")
    };
    assert_eq!(with("VERSION_NAME=1.2.3", ""), "1.2.3@gradle.properties:1:14");
    assert_eq!(with("projectVersion=1.2.3", ""), "1.2.3@gradle.properties:1:16");
    assert_eq!(with("VERSION_NAME=1.2.3\nversion=1.0", ""), "1.0@gradle.properties:2:9");
    let publisher = "plugins { id 'com.vanniktech.maven.publish' version '0.34.0' }";
    assert_eq!(with("VERSION_NAME=1.2.3\nversion=1.0", publisher), "1.2.3@gradle.properties:1:14");
    assert_eq!(with("VERSION_NAME=1.2.3", "version = '2'"), "2@build.gradle:1:11");
    assert_eq!(with("version.kotlin=2", ""), "-");
}

#[test]
fn files_hold_versions() {
    let with = |script: &str| resolved(&[("VERSION", "\n 1.2.3\n"), ("build.gradle", script)], "build.gradle");
    for script in [
        "version = file('VERSION').text.trim()",
        "version = rootProject.file(\"VERSION\").text.trim()",
        "version = new File(rootDir, 'VERSION').text.trim()",
        "version = file(\"$rootDir/VERSION\").readText().trim()",
        "version = providers.fileContents(layout.projectDirectory.file('VERSION')).asText.get().trim()",
    ] {
        assert_eq!(with(script), "1.2.3@VERSION:2:2", "{script}");
    }
    assert_eq!(with("version = file('NONE').text"), "?NONE (the file is not there)@build.gradle:1:11");
    assert_eq!(with("version = file('../../etc/x').text"), "?x (the file is not there)@build.gradle:1:11");
    let files = [
        ("build.gradle.kts", "version = libs.versions.the.project.get()"),
        ("gradle/libs.versions.toml", "[versions]\nthe-project = \"1.2.3\""),
    ];
    assert_eq!(resolved(&files, "build.gradle.kts"), "1.2.3@gradle/libs.versions.toml:2:15");
}

#[test]
fn a_project_has_what_its_root_gives_it() {
    child("allprojects { version = '1.2.3' }", "", "1.2.3@build.gradle:1:25");
    child("subprojects {\n  version = '1.2.3' // CURRENT\n}", "", "1.2.3@build.gradle:2:13");
    child("subprojects { p ->\n p.version = '1.2.3' }", "", "1.2.3@build.gradle:2:14");
    child("subprojects.each { it.version = '1.2.3' }", "", "1.2.3@build.gradle:1:33");
    child("configure(subprojects) { version = '1.2.3' }", "", "1.2.3@build.gradle:1:36");
    child("project(':a') { version = '1.2.3' }", "", "1.2.3@build.gradle:1:27");
    child("project(':b') { version = '9' }\nversion = '8'", "", "-");
    child("version = '1.2.3'\nsubprojects { version = rootProject.version }", "", "1.2.3@build.gradle:1:11");
    child("version = '1.2.3'", "version = rootProject.version", "1.2.3@build.gradle:1:11");
    child("version = '1.2.3'", "", "-");
    child("allprojects { version = '9' }", "version = '1.2.3'", "1.2.3@a/build.gradle:1:11");
    child("allprojects { version = '1.2' }", "version = \"$version-beta\"", "1.2-beta@a/build.gradle:1:11");
    child("ext.v = '1.2.3'", "version = v", "1.2.3@build.gradle:1:9");
    child("def v = '1.2.3'\nallprojects { version = v }", "", "1.2.3@build.gradle:1:9");
    let files = [
        ("settings.gradle.kts", ""),
        ("gradle.properties", "version=1.2.3\nx=1"),
        ("a/b/build.gradle.kts", ""),
        ("c/build.gradle.kts", ""),
        ("c/gradle.properties", "version=2.0"),
    ];
    assert_eq!(resolved(&files, "a/b/build.gradle.kts"), "1.2.3@gradle.properties:1:9");
    assert_eq!(resolved(&files, "c/build.gradle.kts"), "2.0@c/gradle.properties:1:9");
    let nested =
        [("settings.gradle", ""), ("build.gradle", "project(':x:a') { version = '1.2.3' }"), ("x/a/build.gradle", "")];
    assert_eq!(resolved(&nested, "x/a/build.gradle"), "1.2.3@build.gradle:1:29");
    let own = [
        ("settings.gradle", ""),
        ("build.gradle", "allprojects { version = '9' }"),
        ("a/settings.gradle", ""),
        ("a/build.gradle", ""),
    ];
    assert_eq!(resolved(&own, "a/build.gradle"), "-");
}

#[test]
fn a_root_without_a_version_has_that_of_all_its_subprojects() {
    groovy("subprojects {\n  version = '1.2.3'\n}", "1.2.3@build.gradle:2:13");
    groovy("version = '2.0'\nsubprojects { version = '1.2.3' }", "2.0@build.gradle:1:11");
    groovy(
        "subprojects { if (name == 'x') { version = '1.2.3' } }",
        "?'1.2.3' (it is set under a condition)@build.gradle:1:44",
    );
}

#[test]
fn scripts_that_are_applied_and_convention_plugins_count() {
    let with = |script: &str, other: (&str, &str)| resolved(&[("build.gradle", script), other], "build.gradle");
    let applied = ("gradle/version.gradle", "version = '1.2.3'");
    for script in [
        "apply from: 'gradle/version.gradle'",
        "apply from: \"$rootDir/gradle/version.gradle\"",
        "apply from: rootProject.file('gradle/version.gradle')",
        "allprojects { apply from: file('gradle/version.gradle') }",
        "apply { from 'gradle/version.gradle' }",
        "apply(from = \"gradle/version.gradle\")",
    ] {
        assert_eq!(with(script, applied), "1.2.3@gradle/version.gradle:1:11", "{script}");
    }
    let names = ("gradle/version.gradle", "ext.v = '1.2.3'");
    assert_eq!(with("apply from: 'gradle/version.gradle'\nversion = v", names), "1.2.3@gradle/version.gradle:1:9");
    let remote = "?'https://x/y.gradle' (the script that is applied here is not in the repository, and nothing else sets the version)@build.gradle:1:13";
    assert_eq!(with("apply from: 'https://x/y.gradle'", applied), remote);
    let convention = ("buildSrc/src/main/kotlin/my.base-conventions.gradle.kts", "version = \"1.2.3\"");
    for script in [
        "plugins { id 'my.base-conventions' }",
        "apply plugin: 'my.base-conventions'",
        "plugins { `my.base-conventions` }",
        "apply plugin: 'my.base-conventions'\nif (x) { version = '1.2.3' }",
    ] {
        assert_eq!(
            with(script, convention),
            "1.2.3@buildSrc/src/main/kotlin/my.base-conventions.gradle.kts:1:11",
            "{script}"
        );
    }
    assert_eq!(with("plugins { id 'my.base-conventions' apply false }", convention), "-");
    let packaged = ("build-logic/conventions/src/main/groovy/com/acme/base.gradle", "version = '1.2.3'");
    assert!(with("plugins { id 'com.acme.base' }", packaged).starts_with("1.2.3@build-logic/"));
    let included = [
        ("settings.gradle.kts", "pluginManagement { includeBuild(\"gradle/plugins\") }"),
        ("build.gradle.kts", "plugins { id(\"base-conventions\") }\nsubprojects { }"),
        (
            "gradle/plugins/src/main/kotlin/base-conventions.gradle.kts",
            "group = \"g\"\nversion = rootProject.version\nproject.version = \"1.2.3\"",
        ),
    ];
    assert!(resolved(&included, "build.gradle.kts").starts_with("1.2.3@gradle/plugins/"));
    let cycle = [
        ("build.gradle", "apply from: 'a.gradle'\nversion = '1'"),
        ("a.gradle", "apply from: 'build.gradle'\napply from: 'a.gradle'"),
    ];
    assert_eq!(resolved(&cycle, "build.gradle"), "1@build.gradle:2:11");
}

#[test]
fn constants_of_the_builds_own_classes_count() {
    let with = |script: &str, class: &str| {
        resolved(&[("build.gradle.kts", script), ("buildSrc/src/main/kotlin/Versions.kt", class)], "build.gradle.kts")
    };
    let class = "object Versions {\n    const val WORDS: String = \"1.2.3\"\n    const val kotlin = \"9\"\n    val made = f(\"1\")\n    val twice = \"1\"\n    fun x() { val twice = \"2\" }\n    val part = \"1\" + kotlin\n}\n";
    assert_eq!(with("version = Versions.WORDS", class), "1.2.3@buildSrc/src/main/kotlin/Versions.kt:2:31");
    assert_eq!(with("version = \"${Versions.kotlin}-SNAPSHOT\"", class), "9-SNAPSHOT@build.gradle.kts:1:11");
    for name in ["made", "twice", "part", "none"] {
        let unknown = format!("?Versions.{name} (only Gradle can tell what it is)@build.gradle.kts:1:11");
        assert_eq!(with(&format!("version = Versions.{name}"), class), unknown);
    }
    let java = [
        ("build.gradle", "version = Versions.WORDS"),
        (
            "buildSrc/src/main/java/Versions.java",
            "class Versions {\n  public static final String WORDS = \"1.2.3\";\n}",
        ),
    ];
    assert_eq!(resolved(&java, "build.gradle"), "1.2.3@buildSrc/src/main/java/Versions.java:2:38");
}

#[test]
fn conditions_that_the_files_decide_count() {
    let with = |script: &str| {
        resolved(&[("gradle.properties", "version=1.2.3\nflag=true"), ("build.gradle.kts", script)], "build.gradle.kts")
    };
    let deploy = "allprojects {\n  val v = properties[\"DeployVersion\"]\n  if (v != null) version = v\n}";
    assert_eq!(with(deploy), "1.2.3@gradle.properties:1:9");
    assert_eq!(with(&deploy.replace("DeployVersion", "flag")), "true@gradle.properties:2:6");
    assert_eq!(with("if (version == \"unspecified\") { version = \"0\" }"), "1.2.3@gradle.properties:1:9");
    assert_eq!(
        with("val on = property(\"flag\").toString().toBoolean()\nif (on) {\n  version = \"2.0\"\n}"),
        "2.0@build.gradle.kts:3:13"
    );
    assert_eq!(with("if (!hasProperty(\"flag\")) version = \"2.0\""), "1.2.3@gradle.properties:1:9");
    let once = "var v = findProperty(\"no\")\nif (v == null) {\n  v = \"2.0\"\n  version = v\n}";
    assert_eq!(with(once), "2.0@build.gradle.kts:3:7", "a condition is asked once");
    let doubtful = "(it is set under a condition)@build.gradle.kts:1";
    assert_eq!(with("if (hasProperty(\"no\")) version = \"2\""), format!("?\"2\" {doubtful}:34"));
    assert_eq!(with("if (version == \"1\") { } else { version = \"2\" }"), format!("?\"2\" {doubtful}:42"));
    assert_eq!(
        with("if (version == \"1\") version = \"2\" else version = \"3\""),
        format!("?\"2\" else version = \"3\" {doubtful}:31")
    );
    groovy("if (findProperty('no')) { version = '1' }\nif ('x') { version = '2' }", "2@build.gradle:2:22");
    groovy("version = properties['no']", "-");
    groovy("version = version == 'unspecified' ? '0.1.0-SNAPSHOT' : version", "0.1.0-SNAPSHOT@build.gradle:1:38");
}

#[test]
fn what_only_gradle_can_tell_is_unresolved() {
    let tool = "only Gradle can tell what it is";
    groovy(
        "version = {\n  String base = '11.0.0'\n  return base\n}()",
        &format!("?{{ String base = '11.0.0' return base }}() ({tool})@build.gradle:1:11"),
    );
    groovy(
        "allprojects {\n version = VersionProperties.elasticsearch\n}",
        "?VersionProperties.elasticsearch (only Gradle can tell what it is)@build.gradle:2:12",
    );
    groovy(
        "version = System.getenv('V') ?: '1.0'",
        "?V (it depends on the environment of the build)@build.gradle:1:11",
    );
    groovy(
        "version = '1.0' + (project.hasProperty('release') ? '' : '-SNAPSHOT')",
        "?release (it depends on an option of the command line)@build.gradle:1:20",
    );
    groovy(
        "version = '1.0'\nif (project.hasProperty('x')) {\n  version = '2.0'\n}",
        "?'2.0' (it is set under a condition)@build.gradle:3:13",
    );
    groovy("version = '1.0'\nif (x) version = '2.0'", "?'2.0' (it is set under a condition)@build.gradle:2:18");
    groovy("version = '1.0'\nif (x)\n  version = '2.0'", "?'2.0' (it is set under a condition)@build.gradle:3:13");
    groovy(
        "if (x) {\n version = '1.0'\n} else {\n version = '2.0'\n}",
        "?'2.0' (it is set under a condition)@build.gradle:4:12",
    );
    groovy("if (x) { version = '1.0' }\nversion = '2.0'", "2.0@build.gradle:2:11");
    groovy(
        "gradle.taskGraph.whenReady { g ->\n if (g.hasTask('release')) { version = '2.0' } }",
        "?'2.0' (it is set under a condition)@build.gradle:2:40",
    );
    groovy(
        "version = '1.0'\ntask r { doLast { project.version = '2.0' } }",
        "?'2.0' (it is set under a condition)@build.gradle:2:37",
    );
    groovy(
        "version = '1.0'\ndef f() {\n  version = '2.0'\n}",
        "?'2.0' (it is set under a condition)@build.gradle:3:13",
    );
    groovy("switch (x) {\n case 1: version = '1.0'\n}", "?'1.0' (it is set under a condition)@build.gradle:2:20");
    groovy("version = new Date().format('yyyy')", &format!("?new Date().format('yyyy') ({tool})@build.gradle:1:11"));
    kotlin(
        "version = Versions.currentOrSnapshot()",
        &format!("?Versions.currentOrSnapshot() ({tool})@build.gradle.kts:1:11"),
    );
    kotlin("version(\n  major = 3,\n  minor = 2)", &format!("?major = 3, minor = 2 ({tool})@build.gradle.kts:2:3"));
    kotlin("when (x) {\n 1 -> version = \"1.0\"\n}", "?\"1.0\" (it is set under a condition)@build.gradle.kts:2:17");
    kotlin(
        "val v = if (x) \"1\"\n  else \"2\"\nversion = v",
        "?x (nothing in the files sets it)@build.gradle.kts:1:13",
    );
    kotlin(
        "subprojects {\n  if (name == \"x\") return@subprojects\n  version = \"1.0\"\n}",
        "?\"1.0\" (it is set under a condition)@build.gradle.kts:3:13",
    );
    kotlin("val n: String? by extra\nversion = \"1.$n\"", "?n (nothing in the files sets it)@build.gradle.kts:1:16");
    kotlin("version = \"1.${f(2)}\"", &format!("?f(2) ({tool})@build.gradle.kts:1:11"));
    groovy("}\nversion = '1'", "?version (its braces cannot be followed)@build.gradle:1:1");
    groovy("x {\nversion = '1'", "?version (its braces cannot be followed)@build.gradle:1:3");
}

#[test]
fn what_only_git_knows_is_named() {
    groovy("plugins {\n  id 'nebula.netflixoss' version '2.2.7'\n}", "git:nebula.netflixoss@build.gradle:2:6");
    groovy("apply plugin: 'nebula.release'\nversion = '1.0'", "1.0@build.gradle:2:11");
    groovy("version = '1.0'\napply plugin: 'nebula.release'", "git:nebula.release@build.gradle:2:15");
    groovy("plugins { id 'nebula.release' apply false }\nversion = '1.0'", "1.0@build.gradle:2:11");
    groovy(
        "plugins { id 'pl.allegro.tech.build.axion-release' version '1' }\nversion = scmVersion.version",
        "git:scmVersion@build.gradle:2:11",
    );
    groovy(
        "plugins { id 'com.palantir.git-version' version '1' }\nversion gitVersion()",
        "git:gitVersion@build.gradle:2:9",
    );
    groovy("plugins { id 'com.palantir.git-version' version '1' }\nversion = '1.0'", "1.0@build.gradle:2:11");
    groovy("plugins { id 'com.palantir.git-version' version '1' }", "git:com.palantir.git-version@build.gradle:1:14");
    groovy("version = 'git describe --tags'.execute().text.trim()", "git:git@build.gradle:1:11");
    kotlin(
        "version = providers.exec {\n  commandLine(\"git\", \"describe\")\n}.standardOutput.asText.get()",
        "git:git@build.gradle.kts:1:11",
    );
    kotlin(
        "val gitVersion: groovy.lang.Closure<String> by extra\nversion = gitVersion()",
        "git:gitVersion@build.gradle.kts:2:11",
    );
    let files = [
        ("build.gradle.kts", "plugins { alias(libs.plugins.nebula.release) }"),
        (
            "gradle/libs.versions.toml",
            "[plugins]\nnebula-release = { id = \"com.netflix.nebula.release\", version = \"20\" }",
        ),
    ];
    assert_eq!(resolved(&files, "build.gradle.kts"), "git:com.netflix.nebula.release@build.gradle.kts:1:17");
    let files =
        [("settings.gradle", "plugins { id 'org.ajoberstar.reckon.settings' version '1' }"), ("build.gradle", "")];
    assert_eq!(resolved(&files, "build.gradle"), "git:org.ajoberstar.reckon.settings@settings.gradle:1:14");
    let mockito = [
        ("build.gradle", "apply from: 'gradle/shipkit.gradle'"),
        ("gradle/shipkit.gradle", "//\napply plugin: \"org.shipkit.shipkit-auto-version\""),
    ];
    assert_eq!(resolved(&mockito, "build.gradle"), "git:org.shipkit.shipkit-auto-version@gradle/shipkit.gradle:2:15");
    let nebula = [
        ("settings.gradle", ""),
        ("build.gradle", "plugins { id 'nebula.release' version '1' }"),
        ("a/build.gradle", ""),
    ];
    assert_eq!(resolved(&nebula, "a/build.gradle"), "git:nebula.release@build.gradle:1:14");
    // It tells a commit, and no version.
    let junit =
        [("gradle.properties", "version = 5.6.0"), ("build.gradle.kts", "plugins { id(\"net.nemerosa.versioning\") }")];
    assert_eq!(resolved(&junit, "build.gradle.kts"), "5.6.0@gradle.properties:1:11");
}

#[test]
fn manifests_are_found_and_named() {
    let files = [("build.gradle", "version = '1.2.3'"), ("gradle.properties", "a=1"), ("settings.gradle", "")];
    assert_eq!(discovered(&files, ""), "gradle 1.2.3@build.gradle:1:11");
    assert_eq!(resolved(&files, "gradle.properties"), "1.2.3@build.gradle:1:11");
    assert_eq!(resolved(&files, "settings.gradle"), "1.2.3@build.gradle:1:11");
    assert_eq!(consulted(&files, "build.gradle"), ["gradle.properties", "settings.gradle", "build.gradle"]);
    let named = [("build.gradle", "version = f()"), ("gradle.properties", "version=1.2.3")];
    assert_eq!(resolved(&named, "gradle.properties"), "1.2.3@gradle.properties:1:9");
    assert_eq!(discovered(&[("gradle.properties", "version=1.2.3")], ""), "gradle 1.2.3@gradle.properties:1:9");
    assert_eq!(discovered(&[("gradle.properties", "a=1"), ("VERSION", "1.2.3")], ""), "plain 1.2.3@VERSION:1:1");
    assert_eq!(discovered(&[("build.gradle", "plugins { }")], ""), "`build.gradle` has no version");
    let two = [("build.gradle.kts", "version = \"2\""), ("build.gradle", "version = '1'")];
    assert_eq!(discovered(&two, ""), "gradle 1@build.gradle:1:11");
    let spring = [("settings.gradle", ""), ("gradle.properties", "version=1.2.3"), ("core/core.gradle", "")];
    assert_eq!(resolved(&spring, "core/core.gradle"), "1.2.3@gradle.properties:1:9");
}

#[test]
fn hostile_builds_end() {
    let ends = |script: &str| {
        resolved(&[("build.gradle", script), ("a.gradle", "apply from: 'b.gradle'"), ("b.gradle", "")], "build.gradle")
    };
    assert!(ends(&"x {".repeat(100_000)).contains("its braces cannot be followed"));
    assert!(ends(&format!("version = {}", "(".repeat(100_000))).starts_with('?'));
    assert!(ends(&format!("version = {}1", "!".repeat(390))).starts_with('?'));
    assert!(ends(&format!("version = 1{}", " + 1".repeat(190))).starts_with('?'));
    assert!(ends(&format!("version = \"{}\"", "${\"".repeat(90))).starts_with('?'));
    assert!(ends(&format!("def a = '1'\n{}version = a", "a = \"$a$a\"\n".repeat(100))).contains("grows without end"));
    assert!(ends(&format!("version = \"{}\"", "$a".repeat(100_000))).starts_with('?'));
    assert!(ends(&"apply from: 'a.gradle'\n".repeat(1000)).contains("more than 200 scripts"));
    assert!(ends(&"version = '1'\n".repeat(40_000)).contains("longer than 512 KiB"));
    assert_eq!(ends(&format!("{}version = '1'", "a = 1\n".repeat(30_000))), "1@build.gradle:30001:11");
    assert!(ends(&"plugins { id 'a.b' }\n".repeat(20_000)).starts_with('-'));
    assert!(ends(&format!("version = '{}'", "1".repeat(5000))).contains("grows without end"));
}
