use crate::manifest::memory::{consulted, discovered, resolved};

/// A project of the SDK with these elements, and the other files around it.
#[track_caller]
fn check(body: &str, others: &[(&str, &str)], expect: &str) {
    let project = format!("<Project Sdk=\"Microsoft.NET.Sdk\">\n{body}\n</Project>");
    let files: Vec<(&str, &str)> = others.iter().copied().chain([("src/a/a.csproj", project.as_str())]).collect();
    assert_eq!(resolved(&files, "src/a/a.csproj"), expect, "{body}");
}

fn group(properties: &str) -> String {
    format!("<PropertyGroup>\n{properties}\n</PropertyGroup>")
}

fn props(properties: &str) -> String {
    format!("<Project>{}</Project>", group(properties))
}

#[test]
fn a_version_is_written_or_made_of_its_parts() {
    let check = |properties: &str, expect: &str| check(&group(properties), &[], expect);
    check("<Version>1.2.3</Version>", "1.2.3@src/a/a.csproj:3:10");
    check("<version> 1.2.3\n </version>", "1.2.3@src/a/a.csproj:3:11");
    check("<VersionPrefix>1.2.3</VersionPrefix>", "1.2.3@src/a/a.csproj:3:16");
    check(
        "<VersionPrefix>1.2.3</VersionPrefix><VersionSuffix>beta.1</VersionSuffix>",
        "1.2.3-beta.1@src/a/a.csproj:3:16",
    );
    check("<VersionSuffix>beta</VersionSuffix>", "1.0.0-beta@src/a/a.csproj:3:16");
    check("<VersionSuffix></VersionSuffix><Version></Version>", "default 1.0.0@src/a/a.csproj:1:1");
    check("<Version>1.2.3</Version><VersionSuffix>beta</VersionSuffix>", "1.2.3@src/a/a.csproj:3:10");
    check(
        "<AssemblyVersion>9.0.0.0</AssemblyVersion><FileVersion>9.0.0.1</FileVersion>",
        "default 1.0.0@src/a/a.csproj:1:1",
    );
    check("<V>2.0.0</V>\n<Version>$(V)</Version>", "2.0.0@src/a/a.csproj:3:4");
    check("<V>2</V><Version>$(v).$( V ).0</Version>", "2.2.0@src/a/a.csproj:3:18");
    check("<Version>$(Version)1</Version><Version>$(Version).0.0</Version>", "1.0.0@src/a/a.csproj:3:40");
    check("<Version>1.0.0<!-- c -->-x</Version>", "1.0.0-x@src/a/a.csproj:3:10");
}

#[test]
fn conditions_decide() {
    let check = |properties: &str, expect: &str| check(&group(properties), &[], expect);
    check("<Version Condition=\"'$(Version)' == ''\">1.0.1</Version>", "1.0.1@src/a/a.csproj:3:41");
    check("<Version>1.0.1</Version><Version Condition=\"'$(Version)' == ''\">2</Version>", "1.0.1@src/a/a.csproj:3:10");
    check(
        "<VersionPrefix>1.0.1</VersionPrefix><Version Condition=\"'$(VersionSuffix)' != ''\">$(VersionPrefix)-$(VersionSuffix)</Version>",
        "1.0.1@src/a/a.csproj:3:16",
    );
    let ci = "?$(CI) (nothing sets it but perhaps the environment of the build)@src/a/a.csproj:3:65";
    check("<Version>1.0.1</Version><Version Condition=\"'$(CI)' == 'true'\" >2.0.0</Version>", ci);
    check("<Version>1.0.1</Version><Nothing Condition=\"'$(CI)' == 'true'\">2</Nothing>", "1.0.1@src/a/a.csproj:3:10");
    check("<Version>1.0.1</Version><Version Condition=\"$(CI)\">1.0.1</Version>", "1.0.1@src/a/a.csproj:3:10");
    let configuration = "?$(Configuration) (it is chosen when the project is built)@src/a/a.csproj:3:58";
    check("<VersionSuffix Condition=\"'$(Configuration)' == 'Debug'\">dev</VersionSuffix>", configuration);
}

#[test]
fn choices_and_groups_decide() {
    let choose = "<Choose><When Condition=\"'$(X)' == 'y'\"><PropertyGroup><Version>1.0.0</Version></PropertyGroup></When>\n<Otherwise><PropertyGroup><Version>2.0.0</Version></PropertyGroup></Otherwise></Choose>";
    check(choose, &[], "2.0.0@src/a/a.csproj:3:36");
    check(&format!("<PropertyGroup><X>Y</X></PropertyGroup>{choose}"), &[], "1.0.0@src/a/a.csproj:2:104");
    let group = "<PropertyGroup Condition=\"false\"><Version>1.0.1</Version></PropertyGroup>";
    check(group, &[], "default 1.0.0@src/a/a.csproj:1:1");
    let unknown = choose.replace("$(X)", "$(BUILD_X)");
    check(&unknown, &[], "?$(BUILD_X) (nothing sets it but perhaps the environment of the build)@src/a/a.csproj:3:36");
}

#[test]
fn what_only_a_build_would_tell_is_unresolved() {
    let check = |properties: &str, expect: &str| check(&group(properties), &[], expect);
    let env = "(nothing sets it but perhaps the environment of the build)@src/a/a.csproj:3";
    check("<Version>1.0.$(BUILD_NUMBER)</Version>", &format!("?$(BUILD_NUMBER) {env}:10"));
    check("<N>$(GITHUB_RUN_NUMBER)</N><Version>1.0.$(N)</Version>", &format!("?$(GITHUB_RUN_NUMBER) {env}:37"));
    let now = "?$([System.DateTime]::Now.ToString('yyyy')) (only MSBuild can tell what it is)@src/a/a.csproj:3:10";
    check("<Version>$([System.DateTime]::Now.ToString('yyyy')).1.0</Version>", now);
    check(
        "<Version>$(GitSemVerMajor).0.0</Version>",
        "?$(GitSemVerMajor) (it is made from Git while the project is built)@src/a/a.csproj:3:10",
    );
    check("<Version>@(V)</Version>", "?@(V) (items have no value before the build)@src/a/a.csproj:3:10");
    check("<Version>$(V</Version>", "?$(V (its `)` is missing)@src/a/a.csproj:3:10");
    check("<A>1</A><Version>$(A).$(nope)0.0</Version>", "1.0.0@src/a/a.csproj:3:18");
}

#[test]
fn a_target_that_sets_the_version_makes_it_unknown() {
    let target = "<Target Name=\"SetIt\"><PropertyGroup><Version>2</Version></PropertyGroup></Target>";
    let expect = "?Target SetIt (a target sets the version while it builds)@src/a/a.csproj:4:37";
    check(&format!("<PropertyGroup>\n<Version>1.0.0</Version></PropertyGroup>\n{target}"), &[], expect);
    let other = "<Target Name=\"Other\"><PropertyGroup><X>2</X></PropertyGroup></Target>";
    check(&format!("{}{other}", group("<Version>1.0.1</Version>")), &[], "1.0.1@src/a/a.csproj:3:10");
    let output =
        "<Target Name=\"T\"><Exec><Output TaskParameter=\"ConsoleOutput\" PropertyName=\"Version\" /></Exec></Target>";
    check(output, &[], "?Target T (a target sets the version while it builds)@src/a/a.csproj:2:24");
}

#[test]
fn properties_come_from_the_folders_above() {
    let shared = props(
        "<VersionPrefix>3.1.0</VersionPrefix><VersionSuffix Condition=\"'$(VersionSuffix)' == ''\">rc.1</VersionSuffix>",
    );
    let above = [("Directory.Build.props", shared.as_str())];
    check("", &above, "3.1.0-rc.1@Directory.Build.props:2:16");
    check(&group("<VersionSuffix></VersionSuffix>"), &above, "3.1.0@Directory.Build.props:2:16");
    check(&group("<Version>$(VersionPrefix)</Version>"), &above, "3.1.0@Directory.Build.props:2:16");
    let nearer = props("<Version>4.0.0</Version>");
    check("", &[above[0], ("src/Directory.Build.props", &nearer)], "4.0.0@src/Directory.Build.props:2:10");
    let bom = format!("\u{feff}<?xml version=\"1.0\"?>\r\n{nearer}");
    check("", &[("Directory.Build.props", &bom)], "4.0.0@Directory.Build.props:3:10");
    let after = [("Directory.Build.targets", nearer.as_str())];
    check(&group("<Version>1.0.1</Version>"), &after, "4.0.0@Directory.Build.targets:2:10");
    let late = props("<VersionPrefix>9.0.0</VersionPrefix>");
    check("", &[("Directory.Build.targets", &late)], "default 1.0.0@src/a/a.csproj:1:1");
    let made = props("<Version>$(Version)-x</Version>");
    check("", &[("Directory.Build.targets", &made)], "1.0.0-x@Directory.Build.targets:2:10");
}

#[test]
fn imports_are_followed() {
    let version = props("<Version>5.0.0</Version>");
    let files = [("build/Version.props", version.as_str())];
    let found = "5.0.0@build/Version.props:2:10";
    check("<Import Project=\"..\\..\\build\\Version.props\" />", &files, found);
    check("<Import Project=\"$(MSBuildThisFileDirectory)../../build/Version.props\" />", &files, found);
    check(
        "<Import Project=\"$([MSBuild]::GetPathOfFileAbove('build/Version.props', '$(MSBuildThisFileDirectory)../'))\" />",
        &files,
        found,
    );
    check(
        "<Import Project=\"$([MSBuild]::GetDirectoryNameOfFileAbove($(MSBuildThisFileDirectory), 'build/Version.props'))/Version.props\" />",
        &files,
        found,
    );
    check("<Import Project=\"x\" Condition=\"Exists('x')\" />", &[], "default 1.0.0@src/a/a.csproj:1:1");
    let missing = "?x.props (the file that it imports is not in the repository, and nothing else has a version)@src/a/a.csproj:2:1";
    check("<Import Project=\"x.props\" />", &[], missing);
    check(
        &format!("<Import Project=\"x.props\" />{}", group("<Version>1.0.1</Version>")),
        &[],
        "1.0.1@src/a/a.csproj:3:10",
    );
    check(
        "<Import Project=\"/etc/passwd\" />",
        &[],
        "?/etc/passwd (the file that it imports is not in the repository, and nothing else has a version)@src/a/a.csproj:2:1",
    );
    check(
        "<Import Project=\"$(MSBuildToolsPath)\\Microsoft.CSharp.targets\" />",
        &[],
        "default 1.0.0@src/a/a.csproj:1:1",
    );
    let nested = "<Project><Import Project=\"$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))\" /></Project>";
    check(
        "",
        &[("src/Directory.Build.props", nested), ("Directory.Build.props", &version)],
        "5.0.0@Directory.Build.props:2:10",
    );
    let file = "<Version>$([System.IO.File]::ReadAllText('$(MSBuildThisFileDirectory)VERSION').Trim())</Version>";
    check(&group(file), &[("src/a/VERSION", "6.0.0\n")], "6.0.0@src/a/a.csproj:3:10");
}

#[test]
fn packages_that_ask_git_are_named() {
    let check_package = |package: &str, expect: &str| {
        let body = format!("{}\n<ItemGroup>\n{package}\n</ItemGroup>", group("<Version>1.0.0</Version>"));
        check(&body, &[], expect);
    };
    check_package(
        "<PackageReference Include=\"MinVer\" Version=\"5.0.0\" PrivateAssets=\"All\" />",
        "git:MinVer@src/a/a.csproj:6:1",
    );
    check_package(
        "<PackageReference Include=\"Nerdbank.GitVersioning\" />",
        "git:Nerdbank.GitVersioning@src/a/a.csproj:6:1",
    );
    check_package("<PackageReference Include=\"GitVersion.MsBuild\" />", "git:GitVersion.MsBuild@src/a/a.csproj:6:1");
    check_package("<PackageReference Include=\"MinVer\" Condition=\"false\" />", "1.0.0@src/a/a.csproj:3:10");
    check_package("<PackageReference Include=\"Serilog\" />", "1.0.0@src/a/a.csproj:3:10");
    check_package("<PackageVersion Include=\"MinVer\" Version=\"5\" />", "1.0.0@src/a/a.csproj:3:10");
    let global =
        "<Project><ItemGroup><GlobalPackageReference Include=\"MinVer\" Version=\"5\" /></ItemGroup></Project>";
    check("", &[("Directory.Packages.props", global)], "git:MinVer@Directory.Packages.props:1:21");
    let arcade = "<Project><Import Project=\"Sdk.props\" Sdk=\"Microsoft.DotNet.Arcade.Sdk\" /></Project>";
    check(
        "",
        &[("Directory.Build.props", arcade)],
        "?Microsoft.DotNet.Arcade.Sdk (this SDK makes the version from the number of the build)@Directory.Build.props:1:10",
    );
}

#[test]
fn a_project_without_an_sdk_has_its_version_in_code() {
    let project = "<Project xmlns=\"http://schemas.microsoft.com/developer/msbuild/2003\"><Import Project=\"$(MSBuildToolsPath)\\Microsoft.CSharp.targets\" /></Project>";
    let info = ("Properties/AssemblyInfo.cs", "using System;\n[assembly: AssemblyVersion(\"1.0.0\")]\n");
    let expect = "?AssemblyVersion (a project without an SDK has its version in code)@Properties/AssemblyInfo.cs:2:12";
    assert_eq!(resolved(&[("a.csproj", project), info], "a.csproj"), expect);
    assert_eq!(resolved(&[("a.csproj", project)], "a.csproj"), "-");
}

#[test]
fn projects_are_found_before_what_they_share() {
    let (project, shared) = ("<Project Sdk=\"Microsoft.NET.Sdk\" />", props("<Version>1.1.0</Version>"));
    let files = [("a.fsproj", project), ("Directory.Build.props", shared.as_str())];
    assert_eq!(discovered(&files, ""), "dotnet 1.1.0@Directory.Build.props:2:10");
    assert_eq!(discovered(&files[1..], ""), "dotnet 1.1.0@Directory.Build.props:2:10");
    assert_eq!(resolved(&files, "Directory.Build.props"), "1.1.0@Directory.Build.props:2:10");
    assert_eq!(resolved(&[("Directory.Build.props", "<Project />")], "Directory.Build.props"), "-");
    assert_eq!(consulted(&files, "a.fsproj"), ["Directory.Build.props", "a.fsproj"]);
    let own = (
        "b.vbproj",
        "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><Version>2.0.0</Version></PropertyGroup></Project>",
    );
    assert_eq!(
        discovered(&[files[0], own, files[1]], ""),
        "`a.fsproj:2` says `1.1.0` and `b.vbproj:1` says `2.0.0`".replace("a.fsproj:2", "Directory.Build.props:2")
    );
}

#[test]
fn hostile_projects_end() {
    let project = |body: &str| format!("<Project Sdk=\"Microsoft.NET.Sdk\">{body}</Project>");
    let own = |body: &str| resolved(&[("a.csproj", project(body).as_str())], "a.csproj");
    assert_eq!(own("<Import Project=\"a.csproj\" />"), "!it imports itself@a.csproj:1:1");
    let twice = "<Import Project=\"b.props\" />".repeat(201);
    let files = [("a.csproj", project(&twice)), ("b.props", "<Project />".to_owned())];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert!(resolved(&files, "a.csproj").starts_with("!the project imports more than 200 files"));
    let doubling = "<A>$(A)$(A)1</A>".repeat(100);
    assert!(
        own(&format!("<PropertyGroup>{doubling}<Version>$(A)</Version></PropertyGroup>"))
            .contains("its value grows without end")
    );
    let wide = "$(A)".repeat(1001);
    assert!(
        own(&format!("<PropertyGroup><Version>{wide}</Version></PropertyGroup>"))
            .contains("it holds too many expressions")
    );
    let many = "<A>1</A>".repeat(10_001);
    assert!(
        own(&format!("<PropertyGroup>{many}</PropertyGroup>"))
            .starts_with("!the project sets more than 10000 properties")
    );
    let chain: Vec<(String, String)> = (0..40)
        .map(|n| (format!("{n}.props"), format!("<Project><Import Project=\"{}.props\" /></Project>", n + 1)))
        .collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(resolved(&chain, "0.props").starts_with("!the project imports more than 200 files, or deeper than 32"));
    assert!(own(&"<A>".repeat(20_000)).starts_with('!'));
    assert!(own(&format!("<PropertyGroup Condition=\"{}\" />", "(".repeat(100_000))).starts_with("default"));
    assert_eq!(
        resolved(&[("a.csproj", "<Projekt />")], "a.csproj"),
        "!the root element is `Projekt` instead of `Project`@a.csproj:1:1"
    );
}

#[test]
fn paths_and_texts_are_put_together_by_functions() {
    let shared = (
        "Directory.Build.props",
        "<Project><PropertyGroup><VersionPrefix>2.3.4</VersionPrefix></PropertyGroup></Project>",
    );
    let own = "<Project><Import Project=\"$([System.IO.Path]::Combine($(MSBuildThisFileDirectory), '..', 'Directory.Build.props'))\" /></Project>";
    check("", &[shared, ("src/Directory.Build.props", own)], "2.3.4@Directory.Build.props:1:40");
    let properties = "<Base>v2.3.4-beta</Base><VersionPrefix>$(Base.TrimStart('v').Split('-')[0])</VersionPrefix><VersionSuffix Condition=\"$(MSBuildProjectName.EndsWith('a'))\">$(Base.Substring(7))</VersionSuffix>";
    check(&group(properties), &[], "2.3.4-beta@src/a/a.csproj:3:40");
    check(
        &group("<Version>$(Base.GetHashCode())</Version>"),
        &[],
        "?$(Base.GetHashCode()) (only MSBuild can tell what it is)@src/a/a.csproj:3:10",
    );
    let nested = format!("<Version>{}1{}</Version>", "$([System.String]::Copy(".repeat(20_000), "))".repeat(20_000));
    assert!(
        resolved(
            &[("a.csproj", &format!("<Project Sdk=\"Microsoft.NET.Sdk\">{}</Project>", group(&nested)))],
            "a.csproj"
        )
        .starts_with('?')
    );
    let grows =
        format!("<A>{}</A><Version>$(A{})</Version>", "x".repeat(4000), ".Replace('x', 'xxxxxxxxxxxxxxxx')".repeat(30));
    let splits =
        format!("<A>{}</A>{}<Version>$(V)</Version>", "x".repeat(4000), "<V>1$(A.Split('x')[9])</V>".repeat(9000));
    for text in [grows, splits] {
        let (text, work) =
            (format!("<Project Sdk='Microsoft.NET.Sdk'>{}</Project>", group(&text)), testkit::budget::Work::start());
        assert!(resolved(&[("a.csproj", &text)], "a.csproj").starts_with('?'));
        work.assert_below(10);
    }
}
