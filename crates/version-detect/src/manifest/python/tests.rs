use crate::manifest::memory::{consulted, discovered, resolved};

const HATCH: &str = "[build-system]\nbuild-backend='hatchling.build'\n";
const FLIT: &str = "[build-system]\nbuild-backend='flit_core.buildapi'\n";
const PDM: &str = "[build-system]\nbuild-backend='pdm.backend'\n";
const POETRY: &str = "[build-system]\nbuild-backend='poetry.core.masonry.api'\n";
const SETUPTOOLS: &str = "[build-system]\nbuild-backend='setuptools.build_meta'\n";
const DYNAMIC: &str = "[project]\nname='a'\ndynamic=['version']\n";

/// `pyproject.toml` of some parts, and the other files beside it.
#[track_caller]
fn check(parts: &[&str], others: &[(&str, &str)], expect: &str) {
    let text = parts.concat();
    let files: Vec<(&str, &str)> = others.iter().copied().chain([("pyproject.toml", text.as_str())]).collect();
    assert_eq!(resolved(&files, "pyproject.toml"), expect, "{text}");
}

#[track_caller]
fn check_setup(files: &[(&str, &str)], expect: &str) {
    let manifest = files.first().map_or("setup.py", |(name, _)| name);
    assert_eq!(resolved(files, manifest), expect, "{files:?}");
}

// What hatchling 1.33.0, flit_core 4.2.0, pdm-backend 2.5.0, poetry-core 2.5.0 and setuptools 84.2.1 wrote for each of these.
#[test]
fn a_static_version_is_spelled_as_the_backend_spells_it() {
    for (text, normal) in [
        ("0.03", "0.3"),
        ("0.1-beta.1+a-b", "0.1b1+a.b"),
        ("v1.2", "1.2"),
        ("1.0.0.dev0", "1.0.0.dev0"),
        ("1!2.0", "1!2.0"),
        ("1.0-1", "1.0.post1"),
        ("2024.01.02", "2024.1.2"),
    ] {
        let project = format!("[project]\nname='a'\nversion='{text}'\n");
        for backend in [FLIT, PDM, POETRY, SETUPTOOLS, "[build-system]\nbuild-backend='uv_build'\n"] {
            check(&[backend, &project], &[], &format!("{normal}@pyproject.toml:5:9"));
        }
        check(&[HATCH, &project], &[], &format!("{text}@pyproject.toml:5:9"));
        check(&[&project], &[], &format!("{normal}@pyproject.toml:3:9"));
    }
}

#[test]
fn a_version_that_python_refuses_is_none() {
    for backend in [HATCH, FLIT, PDM, POETRY, SETUPTOOLS] {
        check(
            &[backend, "[project]\nversion='1.0.0-SNAPSHOT'\n"],
            &[],
            "`1.0.0-SNAPSHOT` in `pyproject.toml` is not a version",
        );
        check(&[backend, "[project]\nname='a'\n"], &[], "-");
        let both = match backend {
            POETRY => "1@pyproject.toml:4:9",
            _ => "!`version` has a value and is in `dynamic` too, which the build backend refuses@pyproject.toml:5:10",
        };
        check(&[backend, "[project]\nversion='1'\ndynamic=['version']\n"], &[], both);
        check(&[backend, "[project]\nversion=1.0\n"], &[], "!not text@pyproject.toml:4:9");
    }
}

#[test]
fn hatch_reads_a_file_by_a_pattern() {
    let path = "[tool.hatch.version]\npath='a/__init__.py'\n";
    let check = |settings: &str, init: &str, expect: &str| {
        check(&[HATCH, DYNAMIC, settings], &[("a/__init__.py", init)], expect);
    };
    check(path, "VERSION = \"9\"\n__version__ = '1.2.3'  # c\n", "9@a/__init__.py:1:12");
    check(path, "__version__ = 'v1.0.0'\n", "1.0.0@a/__init__.py:1:17");
    let none = "?a/__init__.py (hatch looks for the version in that file, and finds no line such as `__version__ = \"1.0.0\"`)@pyproject.toml:7:6";
    check(path, "__version__: str = '1.2.3'\n", none);
    check(
        "[tool.hatch.version]\npath='nope.py'\n",
        "",
        "?nope.py (hatch looks for the version in that file, which is not there)@pyproject.toml:7:6",
    );
    check("[tool.hatch.version]\npath='../x'\n", "", "`../x` lies outside the repository");
    check(
        "[tool.hatch.version]\npath='a/__init__.py'\npattern='ver=(?P<version>.+)'\n",
        "ver=1.2\n",
        "1.2@a/__init__.py:1:5",
    );
    check(
        "[tool.hatch.version]\nsource='code'\npath='a/__init__.py'\n",
        "V='3'\n__version__ = V\n",
        "3@a/__init__.py:1:3",
    );
    check(
        "[tool.hatch.version]\nsource='code'\npath='a/__init__.py'\nexpression='V'\n",
        "V='3'\n",
        "3@a/__init__.py:1:3",
    );
    let run = "?g() (only running the file would tell, and nothing of the repository is run)@pyproject.toml:9:12";
    check("[tool.hatch.version]\nsource='code'\npath='a/__init__.py'\nexpression='g()'\n", "", run);
}

#[test]
fn hatch_has_other_sources() {
    check(
        &[HATCH, DYNAMIC, "[tool.hatch.version]\nsource='vcs'\nfallback-version='1'\n"],
        &[],
        "git:hatch-vcs@pyproject.toml:7:8",
    );
    let env = "?V (hatch reads it from the environment of the build)@pyproject.toml:7:8";
    check(&[HATCH, DYNAMIC, "[tool.hatch.version]\nsource='env'\nvariable='V'\n"], &[], env);
    let uv = "git:uv-dynamic-versioning@pyproject.toml:7:8";
    check(&[HATCH, DYNAMIC, "[tool.hatch.version]\nsource='uv-dynamic-versioning'\n"], &[], uv);
    let package = [("package.json", "{\"version\": \"1.2.3-beta.1\"}")];
    check(&[HATCH, DYNAMIC, "[tool.hatch.version]\nsource='nodejs'\n"], &package, "1.2.3b1@package.json:1:13");
    let missing = "?dynamic (`[tool.hatch.version]` is missing)@pyproject.toml:5:10";
    check(&[HATCH, DYNAMIC], &[], missing);
    check(&[HATCH, DYNAMIC], &[("hatch.toml", "[version]\npath='V'\n"), ("V", "VERSION='4'")], "4@V:1:10");
    check(&[HATCH, DYNAMIC], &[("hatch.toml", "[version]\nsource='vcs'\n")], "git:hatch-vcs@hatch.toml:2:8");
}

#[test]
fn flit_reads_its_module() {
    let check = |files: &[(&str, &str)], expect: &str| check(&[FLIT, DYNAMIC], files, expect);
    check(&[("a/__init__.py", "'''x'''\n__version__ = '0.5.0'\n")], "0.5.0@a/__init__.py:2:15");
    check(&[("a.py", "__version__: str = '0.05'\n")], "0.5@a.py:1:20");
    check(&[("src/a/__init__.py", "__version__ = '.'.join(['1', '2'])\n")], "1.2@src/a/__init__.py:1:15");
    check(&[("a/__init__.py", "from .v import __version__\n"), ("a/v.py", "__version__='7'\n")], "7@a/v.py:1:13");
    check(
        &[("a/__init__.py", "if True:\n  from .version import __version__\n"), ("a/version.py", "__version__='7'\n")],
        "7@a/version.py:1:13",
    );
    check(&[("a/__init__.py", "__version__ = '8'\n__version__ = '9'\n")], "8@a/__init__.py:1:15");
    let run = "?get() (only running the file would tell, and nothing of the repository is run)@a.py:1:15";
    check(&[("a.py", "__version__ = get()\n")], run);
    check(&[("a.py", "__version__ = '1.x'\n")], "`1.x` in `a.py` is not a version");
    check(&[], "?a (no file of the project is the module `a`)@pyproject.toml:4:6");
}

#[test]
fn flit_finds_its_module_by_name() {
    let module = [("my_pkg.py", "__version__ = '8'\n")];
    check(&[FLIT, "[project]\nname='my-pkg'\ndynamic=['version']\n"], &module, "8@my_pkg.py:1:15");
    let dotted = [("b/c/__init__.py", "__version__ = '8.1'\n")];
    check(&[FLIT, DYNAMIC, "[tool.flit.module]\nname='b.c'\n"], &dotted, "8.1@b/c/__init__.py:1:15");
    check(&[FLIT, "[tool.flit.metadata]\nmodule='b.c'\n"], &dotted, "8.1@b/c/__init__.py:1:15");
}

#[test]
fn pdm_reads_a_file_or_takes_zero() {
    let init = [("a.py", "__version__ = '2.00'  # c\n")];
    check(&[PDM, DYNAMIC, "[tool.pdm.version]\nsource='file'\npath='a.py'\n"], &init, "2.0@a.py:1:16");
    check(&[PDM, DYNAMIC, "[tool.pdm.version]\npath='a.py'\npattern=\"= '(.+)'\"\n"], &init, "2.0@a.py:1:16");
    check(&[PDM, DYNAMIC], &init, "default 0.0.0@pyproject.toml:5:10");
    check(
        &[PDM, DYNAMIC, "[tool.pdm.version]\nsource='scm'\nfallback_version='1'\n"],
        &init,
        "git:pdm's scm@pyproject.toml:7:8",
    );
    let call = "?a:g (pdm calls it while it builds)@pyproject.toml:8:8";
    check(&[PDM, DYNAMIC, "[tool.pdm.version]\nsource='call'\ngetter='a:g'\n"], &init, call);
}

#[test]
fn poetry_has_a_table_of_its_own() {
    check(&[POETRY, "[tool.poetry]\nversion='1.0.0-beta.1'\n"], &[], "1.0.0b1@pyproject.toml:4:9");
    check(&["[tool.poetry]\nversion='1.0'\npackage-mode=false\n"], &[], "1.0@pyproject.toml:2:9");
    check(
        &[POETRY, "[project]\nname='a'\nversion='2.0'\n[tool.poetry]\nversion='1.0'\n"],
        &[],
        "2.0@pyproject.toml:5:9",
    );
    check(&[POETRY, DYNAMIC, "[tool.poetry]\nversion='1.5'\n"], &[], "1.5@pyproject.toml:7:9");
    let none = "?dynamic (neither `project.version` nor `tool.poetry.version` is there)@pyproject.toml:5:10";
    check(&[POETRY, DYNAMIC], &[], none);
    check(&[POETRY, "[tool.poetry]\nname='a'\n"], &[], "-");
    let plugin = "[tool.poetry-dynamic-versioning]\nenable=true\n";
    check(&[POETRY, "[tool.poetry]\nversion='0'\n", plugin], &[], "git:poetry-dynamic-versioning@pyproject.toml:5:1");
    check(
        &[POETRY, "[project]\nversion='0'\ndynamic=['version']\n", plugin],
        &[],
        "git:poetry-dynamic-versioning@pyproject.toml:6:1",
    );
    let off = "[tool.poetry-dynamic-versioning]\nenable=false\n";
    check(&[POETRY, "[tool.poetry]\nversion='0'\n", off], &[], "0@pyproject.toml:4:9");
}

#[test]
fn setuptools_reads_an_attribute() {
    let attr = |attr: &str| format!("[tool.setuptools.dynamic]\nversion={{attr='{attr}'}}\n");
    let check = |name: &str, files: &[(&str, &str)], expect: &str| {
        check(&[SETUPTOOLS, DYNAMIC, &attr(name)], files, expect);
    };
    check("a.__version__", &[("a/__init__.py", "import os\n__version__ = '3.0'\n")], "3.0@a/__init__.py:2:15");
    check("a.v.V", &[("a/v.py", "V=(1,2,'3')\n")], "1.2.3@a/v.py:1:3");
    check("a.v.V", &[("src/a/v.py", "V='6'\n")], "6@src/a/v.py:1:3");
    check("a.V", &[("a.py", "V=1.10\n")], "1.1@a.py:1:3");
    check("a.V", &[("a/__init__.py", "from a.v import W as V\n"), ("a/v.py", "W='1'\n")], "1@a/v.py:1:3");
    let lost = "?from b import V (it leads to no file of the project)@a.py:1:1";
    check("a.V", &[("a.py", "from b import V\n")], lost);
    check(
        "a.V",
        &[("a.py", "from a.x import V\nV = V\n")],
        "?from a.x import V (it leads to no file of the project)@a.py:1:1",
    );
    check("a.V", &[("a.py", "import sys\n")], "?V (no line of the file binds `V`)@a.py:1:1");
    check("a.V", &[], "?a.V (no file of the project is the module `a`)@pyproject.toml:7:15");
    let ring = [("a/__init__.py", "from .b import V"), ("a/b.py", "from . import V"), ("a/c.py", "")];
    check("a.V", &ring, "?from . import V (it leads to no file of the project)@a/b.py:1:1");
    let ring = [("a/__init__.py", "from .b import V"), ("a/b.py", "from .c import V"), ("a/c.py", "from .b import V")];
    check("a.V", &ring, "?V (imports lead through more than 4 files)@a/c.py:1:1");
}

#[test]
fn setuptools_knows_where_packages_are() {
    let attr = "[tool.setuptools.dynamic]\nversion={attr='a.V'}\n";
    let moved = "[tool.setuptools.package-dir]\n'a'='lib/x'\n";
    check(
        &[SETUPTOOLS, DYNAMIC, attr, moved],
        &[("lib/x/__init__.py", "V='1'"), ("a.py", "V='2'")],
        "1@lib/x/__init__.py:1:3",
    );
    let all = "[tool.setuptools]\npackage-dir={''='lib'}\n";
    check(&[SETUPTOOLS, DYNAMIC, attr, all], &[("lib/a.py", "V='1'"), ("a.py", "V='2'")], "1@lib/a.py:1:3");
    let found = "[tool.setuptools.packages.find]\nwhere=['python']\n";
    check(&[SETUPTOOLS, DYNAMIC, attr, found], &[("python/a.py", "V='1'")], "1@python/a.py:1:3");
}

#[test]
fn setuptools_has_other_sources() {
    let file = "[tool.setuptools.dynamic]\nversion={file='VERSION'}\n";
    check(&[SETUPTOOLS, DYNAMIC, file], &[("VERSION", "\n 3.10\n")], "3.10@VERSION:2:2");
    let files = "[tool.setuptools.dynamic]\nversion={file=['VERSION']}\n";
    check(&[SETUPTOOLS, DYNAMIC, files], &[("VERSION", "v3.1\n")], "3.1@VERSION:1:1");
    check(&[SETUPTOOLS, DYNAMIC], &[], "default 0.0.0@pyproject.toml:5:10");
    check(&[SETUPTOOLS, DYNAMIC], &[("setup.py", "setup(version='5.6')")], "5.6@setup.py:1:15");
    check(&[SETUPTOOLS, DYNAMIC], &[("setup.cfg", "[metadata]\nversion=5.7\n")], "5.7@setup.cfg:2:9");
    let static_version = "[project]\nversion='1'\n";
    check(&[SETUPTOOLS, static_version], &[("setup.py", "setup(version='5.6')")], "1@pyproject.toml:4:9");
    check(
        &[SETUPTOOLS, static_version],
        &[("setup.cfg", "[egg_info]\ntag_build = .dev\n")],
        "1.dev0@pyproject.toml:4:9",
    );
    let clock = "?tag_date (it appends the day of the build)@setup.cfg:2:12";
    check(&[SETUPTOOLS, static_version], &[("setup.cfg", "[egg_info]\ntag_date = 1\n")], clock);
}

#[test]
fn setuptools_has_plugins_that_ask_git() {
    let requires = |name: &str| {
        format!("[build-system]\nrequires=['setuptools', '{name}']\nbuild-backend='setuptools.build_meta'\n")
    };
    check(&[&requires("setuptools_scm[toml]>=8"), DYNAMIC], &[], "git:setuptools-scm@pyproject.toml:2:25");
    check(&[SETUPTOOLS, DYNAMIC, "[tool.setuptools_scm]\n"], &[], "git:setuptools-scm@pyproject.toml:6:1");
    check(&[&requires("versioneer[toml]"), DYNAMIC], &[], "git:versioneer@pyproject.toml:2:25");
    check(&[&requires("pbr"), DYNAMIC], &[], "git:pbr@pyproject.toml:2:25");
    let attr = "[tool.setuptools.dynamic]\nversion={attr='a.V'}\n";
    check(&[&requires("setuptools_scm"), DYNAMIC, attr], &[("a.py", "V='1'")], "1@a.py:1:3");
    check(&[&requires("setuptools_scm"), "[project]\nversion='1'\n"], &[], "1@pyproject.toml:5:9");
}

#[test]
fn a_setup_py_beats_a_setup_cfg() {
    let cfg = ("setup.cfg", "[metadata]\nversion=6.6\n");
    check_setup(
        &[("setup.py", "from setuptools import setup\nsetup(name='a',version='5.05')\n"), cfg],
        "5.5@setup.py:2:24",
    );
    check_setup(&[("setup.py", "setup()\n"), cfg], "6.6@setup.cfg:2:9");
    check_setup(&[cfg], "6.6@setup.cfg:2:9");
    check_setup(&[("setup.py", "setup(name='a')\n")], "default 0.0.0@setup.py:1:1");
    check_setup(&[("setup.cfg", "[metadata]\nname=a\n")], "default 0.0.0@setup.cfg:1:1");
    check_setup(&[("setup.cfg", "[flake8]\nmax=1\n")], "-");
    check_setup(
        &[("setup.py", "from a import V\nsetup(version=V)\n"), ("a/__init__.py", "V = '1'\n")],
        "1@a/__init__.py:1:5",
    );
    check_setup(&[("setup.py", "main()\n")], "?setup() (no call of `setup()` is found in it)@setup.py:1:1");
}

#[test]
fn a_setup_py_reads_other_files() {
    let read = "import os\nhere = os.path.dirname(__file__)\nsetup(version=open(os.path.join(here, 'VERSION')).read().strip())\n";
    check_setup(&[("setup.py", read), ("VERSION", "1.2\n")], "1.2@VERSION:1:1");
    check_setup(&[("setup.py", read)], "?VERSION (the file is not there)@setup.py:3:15");
    let run = "about = {}\nexec(open('a/about.py').read(), about)\nsetup(version=about['V'])\n";
    check_setup(&[("setup.py", run), ("a/about.py", "import os\nV = '1.3'\n")], "1.3@a/about.py:2:5");
    let import = "import a\nsetup(version=a.V)\n";
    check_setup(&[("setup.py", import), ("a.py", "V = '1.4'\n")], "1.4@a.py:1:5");
    let beside = "import os\nV = open(os.path.join(os.path.dirname(__file__), 'VERSION')).read()\n";
    check_setup(&[("setup.py", import), ("a/__init__.py", beside), ("a/VERSION", "1.5")], "1.5@a/VERSION:1:1");
    check_setup(
        &[("setup.py", import), ("a/__init__.py", "V = open('VERSION').read()\n"), ("VERSION", "1.5")],
        "?open(\"VERSION\") (only running the file would tell, and nothing of the repository is run)@a/__init__.py:1:5",
    );
}

#[test]
fn a_setup_py_that_computes_is_unresolved() {
    let run = |what: &str, place: &str| {
        format!("?{what} (only running the file would tell, and nothing of the repository is run)@setup.py:{place}")
    };
    check_setup(&[("setup.py", "setup(version=read('V'))\n")], &run("read('V')", "1:15"));
    check_setup(&[("setup.py", "setup(**a)\n")], &run("**a", "1:7"));
    check_setup(&[("setup.py", "setup(use_scm_version=True)\n")], "git:setuptools-scm@setup.py:1:1");
    check_setup(&[("setup.py", "setup(pbr=True)\n")], "git:pbr@setup.py:1:1");
    check_setup(&[("setup.py", "setup(version=versioneer.get_version())\n")], "git:versioneer@setup.py:1:1");
}

#[test]
fn a_setup_cfg_refers_to_other_files() {
    let cfg = |value: &str| format!("[metadata]\nversion = {value}\n");
    check_setup(
        &[("setup.cfg", &cfg("attr: a.__version__")), ("a/__init__.py", "__version__='4.4'\n")],
        "4.4@a/__init__.py:1:13",
    );
    check_setup(&[("setup.cfg", &cfg("file: VERSION")), ("VERSION", "4.5\n")], "4.5@VERSION:1:1");
    check_setup(&[("setup.cfg", &cfg("file: VERSION"))], "?VERSION (the file is not there)@setup.cfg:2:11");
    check_setup(&[("setup.cfg", &cfg("1.2 ; c"))], "`1.2 ; c` in `setup.cfg` is not a version");
    let source =
        [("setup.cfg", "[metadata]\nversion=attr:a.V\n[options]\npackage_dir=\n  =lib\n"), ("lib/a.py", "V='1'")];
    check_setup(&source, "1@lib/a.py:1:3");
    check_setup(
        &[("setup.cfg", "[metadata]\nname=a\n[options]\nsetup_requires=\n  pbr>=1\n")],
        "git:pbr@setup.cfg:5:3",
    );
}

#[test]
fn other_backends_have_their_rules() {
    let maturin = "[build-system]\nbuild-backend='maturin'\n";
    check(&[maturin, DYNAMIC], &[("Cargo.toml", "[package]\nversion='1.0.0-rc.1'\n")], "1.0.0rc1@Cargo.toml:2:9");
    let moved = "[tool.maturin]\nmanifest-path='r/Cargo.toml'\n";
    check(&[maturin, DYNAMIC, moved], &[("r/Cargo.toml", "[package]\nversion='1.0.0'\n")], "1.0.0@r/Cargo.toml:2:9");
    let meson = "?dynamic (the build backend `mesonpy` makes the version while it builds)@pyproject.toml:5:10";
    check(&["[build-system]\nbuild-backend='mesonpy'\n", DYNAMIC], &[], meson);
    let scikit = "[build-system]\nbuild-backend='scikit_build_core.build'\n";
    let scm = "[tool.scikit-build.metadata.version]\nprovider='scikit_build_core.metadata.setuptools_scm'\n";
    check(&[scikit, DYNAMIC, scm], &[], "git:setuptools-scm@pyproject.toml:7:10");
    let regex = "[tool.scikit-build.metadata.version]\nprovider='scikit_build_core.metadata.regex'\ninput='v.h'\nregex='V (?P<value>.+)'\n";
    check(&[scikit, DYNAMIC, regex], &[("v.h", "#define V 1.0\n")], "1.0@v.h:1:11");
}

#[test]
fn a_pyproject_with_settings_of_tools_only_is_no_project() {
    check(&["[tool.black]\nline-length=100\n"], &[], "-");
    check(&["[tool.black]\nline-length=100\n"], &[("setup.py", "setup(version='1')")], "1@setup.py:1:15");
    assert_eq!(discovered(&[("pyproject.toml", "[tool.ruff]\n"), ("VERSION", "1.0.0")], ""), "plain 1.0.0@VERSION:1:1");
    let files =
        [("pyproject.toml", "[project]\nversion='1.0'\n"), ("setup.cfg", "[metadata]\nversion=2\n"), ("setup.py", "")];
    assert_eq!(discovered(&files, ""), "python 1.0@pyproject.toml:2:9");
    assert_eq!(resolved(&files, "setup.cfg"), "1.0@pyproject.toml:2:9");
}

#[test]
fn the_files_of_a_version_are_remembered() {
    let text = [SETUPTOOLS, DYNAMIC, "[tool.setuptools.dynamic]\nversion={attr='a.V'}\n"].concat();
    let files = [("pyproject.toml", text.as_str()), ("a/__init__.py", "from .v import V"), ("a/v.py", "V='1'")];
    assert_eq!(consulted(&files, "pyproject.toml"), ["pyproject.toml", "a/__init__.py", "a/v.py"]);
}
