//! The platforms a release is built for, and which of them this machine can build.

use std::path::{Path, PathBuf};

use crate::program::{Program, find};

/// Every target of a release, as `scripts/run-action.sh` names them.
pub(crate) const TARGETS: [Target; 5] = [
    Target("x86_64-unknown-linux-musl"),
    Target("aarch64-unknown-linux-musl"),
    Target("x86_64-apple-darwin"),
    Target("aarch64-apple-darwin"),
    Target("x86_64-pc-windows-msvc"),
];

/// What C is compiled with for musl.
const CFLAGS: [&str; 3] = [
    // The checked functions of glibc's headers are not in musl.
    "-U_FORTIFY_SOURCE",
    // mimalloc is not told what to do by variables of the environment, among which it looks forty times at each start, and asks for address
    // space by the 128 MiB instead of the GiB, whose bitmaps are 42 pages of a process that lives for milliseconds.
    "-DMI_NO_GETENV=1",
    "-DMI_DEFAULT_ARENA_RESERVE=131072",
];

/// A target triple of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(&'static str);

impl Target {
    /// The target of this name.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let names = || TARGETS.map(|target| target.0).join(", ");
        TARGETS.into_iter().find(|target| target.0 == name).ok_or_else(|| format!("no target `{name}`: {}", names()))
    }

    /// The target whose binaries run on this machine.
    pub(crate) fn of_this_machine() -> Result<Self, String> {
        let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
        TARGETS
            .into_iter()
            .find(|target| target.0.starts_with(arch) && target.system() == os)
            .ok_or_else(|| format!("there is no release for {os} on {arch}"))
    }

    /// The triple.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    /// What the file of a program ends with.
    pub(crate) fn suffix(self) -> &'static str {
        if self.system() == "windows" { ".exe" } else { "" }
    }

    /// The operating system, as the standard library spells it.
    fn system(self) -> &'static str {
        match self.0.split('-').nth(2) {
            Some("darwin") => "macos",
            Some("windows") => "windows",
            _ => "linux",
        }
    }

    /// Whether the processor is this machine's.
    fn is_native(self) -> bool {
        self.0.starts_with(std::env::consts::ARCH)
    }

    /// Makes sure that this machine can build it, adding the standard library where that can be had; else the reason.
    pub(crate) fn prepare(self) -> Result<(), String> {
        if self.system() != std::env::consts::OS {
            return Err(format!("it needs the linker of {}", self.system()));
        }
        if self.system() == "linux" {
            self.c_compiler()?;
            self.objcopy()?;
        }
        if self.has_std()? {
            return Ok(());
        }
        let added = Program::new("rustup").args(["target", "add", self.0]).output();
        if added.is_ok_and(|output| output.status == 0) && self.has_std()? {
            return Ok(());
        }
        Err("its standard library is not installed, and `rustup target add` cannot get it".to_owned())
    }

    fn has_std(self) -> Result<bool, String> {
        let output = Program::new("rustc").args(["--print", "target-libdir", "--target", self.0]).output()?;
        let folder = PathBuf::from(output.stdout.trim());
        Ok(output.status == 0 && folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()))
    }

    /// The C compiler for the one dependency with C and assembler sources (ring), which links as well.
    fn c_compiler(self) -> Result<String, String> {
        let arch = self.0.split('-').next().unwrap_or_default();
        let of_its_own = [format!("{arch}-linux-musl-gcc"), format!("{arch}-linux-gnu-gcc")];
        let native = ["musl-gcc", "cc"].map(str::to_owned);
        let candidates = of_its_own.into_iter().take(if self.is_native() { 1 } else { 2 });
        let native = native.into_iter().filter(|_| self.is_native());
        candidates
            .chain(native)
            .find(|name| find(name).is_some())
            .ok_or_else(|| format!("no C compiler for it is on PATH, such as {arch}-linux-musl-gcc"))
    }

    /// The program of the binutils that takes sections out of a binary for it.
    fn objcopy(self) -> Result<String, String> {
        let arch = self.0.split('-').next().unwrap_or_default();
        let of_its_own = [format!("{arch}-linux-musl-objcopy"), format!("{arch}-linux-gnu-objcopy")];
        let native = self.is_native().then(|| "objcopy".to_owned());
        let mut candidates = of_its_own.into_iter().chain(native);
        candidates
            .find(|name| find(name).is_some())
            .ok_or_else(|| format!("no objcopy for it is on PATH, such as {arch}-linux-musl-objcopy"))
    }

    /// Takes the tables for unwinding out of a program, a tenth of it: nothing unwinds where a panic aborts. rustc and the linker write
    /// them in any case, and the standard library has brought its own.
    pub(crate) fn slim(self, program: &Path) -> Result<(), String> {
        if self.system() != "linux" {
            return Ok(());
        }
        let tables = ["--remove-section=.eh_frame", "--remove-section=.eh_frame_hdr"];
        let output = Program::new(self.objcopy()?).args(tables).args([program]).output()?;
        if output.status == 0 { Ok(()) } else { Err(format!("{}: {}", program.display(), output.text())) }
    }

    /// The variables that a build for it needs.
    pub(crate) fn build_env(self) -> Result<Vec<(String, String)>, String> {
        if self.system() != "linux" {
            return Ok(Vec::new());
        }
        let compiler = self.c_compiler()?;
        let variable = self.0.replace('-', "_");
        let mut env =
            vec![(format!("CC_{variable}"), compiler.clone()), (format!("CFLAGS_{variable}"), CFLAGS.join(" "))];
        if !self.is_native() {
            env.push((format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), compiler));
        }
        Ok(env)
    }

    /// What rustc needs beyond its defaults.
    pub(crate) fn rustflags(self) -> &'static [&'static str] {
        match self.system() {
            // Without it a binary needs a runtime library that a fresh Windows does not have.
            "windows" => &["-Ctarget-feature=+crt-static"],
            // Relocations of a position-independent binary in a few kilobytes instead of half a megabyte; musl knows them.
            "linux" => &["-Clink-arg=-Wl,-z,pack-relative-relocs"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Program, TARGETS, Target};

    #[test]
    fn knows_every_target_by_its_name() {
        for target in TARGETS {
            assert_eq!(Target::parse(target.name()), Ok(target));
        }
        assert!(Target::parse("x86_64-unknown-linux-gnu").is_err_and(|text| text.contains("linux-musl")));
    }

    #[test]
    fn a_program_has_the_suffix_of_its_system() {
        let suffixes = TARGETS.map(Target::suffix);
        assert_eq!(suffixes, ["", "", "", "", ".exe"]);
    }

    #[test]
    fn a_program_runs_without_its_tables() {
        let Ok(target) = Target::of_this_machine() else { return };
        if target.objcopy().is_err() {
            eprintln!("SKIPPED tables for unwinding: no objcopy");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let tables =
            |program: &Path| std::fs::read(program).unwrap().windows(9).filter(|name| name == b".eh_frame").count();
        // This test names them too.
        let before = tables(&program);
        target.slim(&program).unwrap();
        assert!(target.system() != "linux" || tables(&program) < before);
        let output = Program::new(&program).args(["--list", "knows_every_target"]).output().unwrap();
        assert!(output.status == 0 && output.stdout.contains("knows_every_target"), "{}", output.text());
        assert!(target.system() != "linux" || target.slim(&folder.path().join("other")).is_err());
    }

    #[test]
    fn another_system_is_not_built_here() {
        let foreign = TARGETS.into_iter().filter(|target| target.system() != std::env::consts::OS);
        for target in foreign {
            assert!(target.prepare().is_err_and(|reason| reason.starts_with("it needs the linker of")));
        }
    }
}
