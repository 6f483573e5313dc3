use super::*;

fn shown(constant: Constant) -> String {
    let at = |place: Place| format!("{}:{}", place.line, place.column);
    match constant {
        Constant::Value(written) => format!("{}@{}", written.text, at(written.place)),
        Constant::Import(Import { level, module, name, place }) => {
            format!("from {}{} import {name}@{}", ".".repeat(level), module.join("."), at(place))
        }
        Constant::File { path, place } => format!("text of {}@{}", path.text, at(place)),
        Constant::Member { path, name, place } => format!("{name} of {}@{}", path.text, at(place)),
        Constant::Computed { expression, place } => format!("? {expression}@{}", at(place)),
        Constant::Missing => "-".to_owned(),
    }
}

#[track_caller]
fn check(source: &str, expect: &str) {
    assert_eq!(shown(imported(source, "__version__")), expect, "{source}");
}

#[track_caller]
fn check_literal(source: &str, which: Literal, expect: &str) {
    let found = literal(source, "__version__", which);
    assert_eq!(found.map_or("-".to_owned(), |written| shown(Constant::Value(written))), expect, "{source}");
}

#[test]
fn setuptools_takes_the_first_assignment_where_it_is_a_literal() {
    let check = |source: &str, expect: &str| check_literal(source, Literal::First, expect);
    check("import os\n__version__ = \"3.0\"\n__version__ = '4'", "3.0@2:15");
    check("__version__: str = '1'", "1@1:20");
    check("a = __version__ = '1'", "1@1:19");
    check("__version__ = (1, 2,\n  '3')", "1.2.3@1:15");
    check("if True:\n  __version__ = '1'\n__version__ = '2'", "2@3:15");
    check("def f(): __version__ = '1'\nx = '''\n__version__ = '2'\n'''\n", "-");
    check("x; __version__ = '1'", "1@1:18");
    check("__version__ = f()\n__version__ = '2'", "-");
    check("__version__ == '1'", "-");
    check("__version__ = '1", "-");
    check("# __version__ = '1'", "-");
}

#[test]
fn flit_takes_the_first_text() {
    let check = |source: &str, expect: &str| check_literal(source, Literal::FirstText, expect);
    check("__version__ = f()\n__version__ = '2'", "2@2:15");
    check("__version__ = 1.0\n__version__ = '2'", "2@2:15");
    check("__version__ = '8'\n__version__ = '9'", "8@1:15");
    check("if True:\n  __version__ = '8'", "-");
}

#[test]
fn importing_takes_the_last_binding() {
    check("__version__ = '1'\n__version__ = '2'", "2@2:15");
    check("V = '1'\n__version__ = V", "1@1:5");
    check("major, minor = 1, 2\n__version__ = f'{major}'", "? f'{major}'@2:15");
    check("info = (1, 2)\n__version__ = '.'.join(map(str, info))", "1.2@2:15");
    check("from .v import __version__", "from .v import __version__@1:1");
    check("from .v import (a, V as __version__)", "from .v import V@1:1");
    check("from . import x\nfrom a.b import V\n__version__ = V", "from a.b import V@2:1");
    check("a = 1", "-");
}

#[test]
fn what_only_a_run_would_tell_is_computed() {
    check("__version__ = get()", "? get()@1:15");
    check("__version__ = '1'\n__version__ += '.dev0'", "? __version__ += '.dev0'@2:1");
    check("__version__ = '1'\ndel __version__", "? del __version__@2:1");
    check("__version__ = '1'\nif x:\n  __version__ = '2'", "? __version__ = '2'@3:3");
    check("try: __version__ = '1'\nexcept E: pass", "? try: __version__ = '1'@1:1");
    check("__version__ = '1'\nfrom x import *", "? from x import *@2:1");
    check("__version__ = '1'\ntry:\n  from x import *\nexcept E: pass", "? from x import *@3:3");
    check("__version__ = '1'\nexec(open(v).read())", "? exec(open(v).read())@2:1");
    check("__version__ = '1'\ndef f():\n  global __version__\n  __version__ = '2'", "? global __version__@3:3");
    check("import __version__", "? import __version__@1:1");
    check("for __version__ in x: pass", "? for __version__ in x: pass@1:1");
    check("with x as __version__: pass", "? with x as __version__: pass@1:1");
    check("__version__, x = '1', 2", "? '1', 2@1:18");
    check("(__version__ := '1')\nif (__version__ := '2'): pass", "? if (__version__ := '2'): pass@2:1");
    check("__version__ = '1\n", "? '1@1:15");
}

#[test]
fn what_does_not_touch_the_name_does_not_matter() {
    check("__version__ = '1'\nif __version__ == '2':\n  x = __version__", "1@1:15");
    check("__version__ = '1'\ndef f(a='2'):\n  __version__ = '3'\nclass A:\n  __version__ = '4'", "1@1:15");
    check("if x:\n  __version__ = '1'\n__version__ = '2'", "2@3:15");
    check("__version__ = '1'\na.__version__x = 2\nprint(__version__)", "1@1:15");
    check("match = '1'\n__version__ = match", "1@1:9");
}

#[track_caller]
fn check_setup(source: &str, expect: &str) {
    let call = setup_call(source);
    assert_eq!(call.map_or("none".to_owned(), |call| shown(call.version)), expect, "{source}");
}

#[test]
fn the_version_of_a_setup_call() {
    check_setup("from setuptools import setup\nsetup(name='a', version='5.5')", "5.5@2:25");
    check_setup("import setuptools\nV = '1'\nsetuptools.setup(\n  version=V,\n)", "1@2:5");
    check_setup("V = '1'\nif __name__ == '__main__':\n    setup(version=V + '.0')", "1.0@3:19");
    check_setup("V = '1'\ndef main(V):\n    setup(version=V)", "? V@3:19");
    check_setup("def main():\n    setup(version='1')", "1@2:19");
    check_setup("setup(version=get_version(), name='a')", "? get_version()@1:15");
    check_setup("setup(**kwargs)", "? **kwargs@1:7");
    check_setup("setup(name='a', use_scm_version=True)", "-");
    check_setup("about = {}\nexec(x, about)\nsetup(version=about['v'])", "? about['v']@3:15");
    check_setup("# setup(version='1')\ndef setup(version='1'): pass\nx.setup(version='1')", "none");
    let call = setup_call("setup(name='a',\n use_scm_version = {'a':\n 1})").unwrap();
    assert_eq!(call.arguments[1], ("use_scm_version".to_owned(), "{'a': 1}".to_owned()));
}

#[test]
fn a_file_that_is_read_is_named() {
    let file = |source: &str, expect: &str| check_setup(source, &format!("text of {expect}"));
    file("setup(version=open('VERSION').read().strip())", "VERSION@1:15");
    file("import io\nsetup(version=io.open('a/V', 'rb').read().decode('ascii'))", "a/V@2:15");
    file("with open('V', encoding='utf-8') as f:\n    v = f.read().strip()\nsetup(version=v)", "V@2:9");
    file("with open('V') as f: v = f.read()\nsetup(version=v)", "V@1:26");
    let here = "import os\nhere = os.path.abspath(os.path.dirname(__file__))\n";
    file(&format!("{here}v = open(os.path.join(here, 'a', 'V')).read()\nsetup(version=v)"), "a/V@3:5");
    file("from os.path import *\nfrom os import path as p\nsetup(version=open(p.join('a', 'V')).read())", "a/V@3:15");
    file("from pathlib import Path\nsetup(version=Path('V').read_text().strip())", "V@2:15");
    let path = "import pathlib\nhere = pathlib.Path(__file__).resolve().parent\n";
    file(&format!("{path}setup(version=(here / 'a' / 'V').read_text(encoding='utf-8').strip())"), "a/V@3:15");
    file(
        "import os\nup = os.path.dirname(os.path.dirname(__file__))\nsetup(version=open(os.path.join(up, 'V')).read())",
        "../V@3:15",
    );
}

#[test]
fn a_file_that_is_run_binds_its_names() {
    let exec = "exec(open('a/v.py').read())\n";
    check_setup(&format!("{exec}setup(version=__version__)"), "__version__ of a/v.py@1:1");
    check_setup(&format!("__version__ = '1'\n{exec}setup(version=__version__)"), "__version__ of a/v.py@2:1");
    check_setup(&format!("{exec}__version__ = '1'\nsetup(version=__version__)"), "1@2:15");
    check_setup("exec(compile(open('v.py').read(), 'v.py', 'exec'))\nsetup(version=V)", "V of v.py@1:1");
    let about = "about = {}\nwith open('a/about.py') as f:\n  exec(f.read(), about)\n";
    check_setup(&format!("{about}setup(version=about['__version__'])"), "__version__ of a/about.py@4:15");
    check_setup(&format!("{about}v = about['v']\nsetup(version=v)"), "v of a/about.py@4:5");
    check_setup("a = {}\nexec(open('v.py').read(), None, a)\nsetup(version=a['V'])", "V of v.py@3:15");
    check_setup(&format!("{about}about = f()\nsetup(version=about['v'])"), "? about['v']@5:15");
}

#[test]
fn a_module_that_is_imported_is_asked() {
    check_setup("import six\nsetup(version=six.__version__)", "from six import __version__@2:15");
    check_setup("import a.b\nsetup(version=a.b.V)", "from a.b import V@2:15");
    check_setup("import a.b as c\nsetup(version=c.V)", "from a.b import V@2:15");
    check_setup("from a import b\nsetup(version=b.V)", "from a.b import V@2:15");
    check_setup("try:\n  import six\nexcept E: pass\nsetup(version=six.V)", "? six.V@4:15");
    check_setup("import six\nsetup(version=six.version())", "? six.version()@2:15");
    check_setup("import six\nsetup(version=six)", "? import six@1:1");
}

#[test]
fn what_is_read_in_another_way_is_computed() {
    for version in
        ["open('/etc/V').read()", "open('V', 'w').read()", "open(x).read()", "open('V').readlines()", "open('V')"]
    {
        check_setup(&format!("setup(version={version})"), &format!("? {version}@1:15"));
    }
    check_setup("def open(a): pass\nsetup(version=open('V').read())", "? open('V').read()@2:15");
    check_setup("for l in open('a'): pass\nsetup(version=open('V').read())", "text of V@2:15");
    check_setup("with open('V') as f:\n  if x:\n    v = f.read()\nsetup(version=v)", "? v = f.read()@3:5");
    check_setup("if x:\n  with open('V') as f:\n    v = f.read()\nsetup(version=v)", "? v = f.read()@3:5");
    check_setup("V = '1'\nclass A:\n  def f(self):\n    setattr(self, 'V', 2)\nsetup(version=V)", "1@1:5");
    check_setup("V = '1'\nif globals().get('x'): pass\nsetup(version=V)", "1@1:5");
    check_setup("V = '1'\nglobals()['V'] = '2'\nsetup(version=V)", "? V@3:15");
    check_setup("V = '1'\nsetattr(sys.modules[__name__], 'V', 2)\nsetup(version=V)", "? V@3:15");
}

#[test]
fn large_sources_end() {
    check(&"a".repeat(LONGEST + 1), "? a file of more than 1048576 bytes@1:1");
    check(&"a = (".repeat(200_000), "-");
    check(
        &format!("__version__ = {}", "f(".repeat(500_000)),
        "? f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(...@1:15",
    );
    let doubling: String = (0..20_000).map(|n| format!("a{} = a{n} + a{n}\n", n + 1)).collect::<Vec<_>>().concat();
    check(&format!("a0 = '1'\n{doubling}__version__ = a20000"), "? a20000@20002:15");
    check(
        &format!("a = '1'\n__version__ = {}a", "a + ".repeat(200_000)),
        "? a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a +@2:15",
    );
}
