//! Carrying out the steps of an embedded build.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actions_core::Session;
use image_ref::RepositoryName;
use oci_image::{Descriptor, History, ImageConfig, Layer, Layout, LayoutWriter, RootFs, Staging, media_type};
use serde_json::json;

use super::base::{self, BaseImage, Place};
use super::program::{Action, Program, StageProgram, Step};
use super::stages::Origin;
use super::tree::Tree;
use super::unpack;
use super::{copy, layer};
use crate::clients::Clients;
use crate::context::open;
use crate::context::pattern::Steps;
use crate::error::{Error, SourceError};
use crate::inputs::Inputs;
use crate::limits;
use crate::options::Annotations;
use crate::options::annotations::Level;
use crate::options::secrets::Values;
use crate::plan::Plan;

/// A stage, carried out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Root {
    pub(crate) tree: Arc<Tree>,
    layers: Vec<Layer>,
    history: Vec<History>,
}

/// What every step needs.
pub(crate) struct Builder<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) plan: &'a Plan,
    pub(crate) program: &'a Program,
    pub(crate) clients: &'a Clients,
    pub(crate) session: &'a Session,
    pub(crate) work: &'a Path,
    /// The stages carried out so far, by their place in the Dockerfile.
    pub(crate) stages: BTreeMap<usize, Root>,
    /// The images from outside that were opened so far, by the names that [`Origin::Image`] has.
    pub(crate) images: BTreeMap<String, Root>,
    /// The context, without links on the way to it.
    pub(crate) context: Arc<Path>,
    /// What may still be unpacked.
    pub(crate) unpacking: &'a unpack::Budget,
    /// What wildcards may still cost.
    pub(crate) work_left: &'a RefCell<Steps>,
    writer: &'a mut LayoutWriter,
}

/// A folder beside `output` for what a build needs on its way.
pub(crate) fn work_folder(output: &Path) -> std::io::Result<Staging> {
    Staging::create(std::path::absolute(output)?.parent().unwrap_or(output))
}

/// Builds `programs`, one for each platform, into the plan's output folder.
pub(crate) async fn build(
    inputs: &Inputs,
    plan: &Plan,
    programs: &[Program],
    secrets: &Values,
    clients: &Clients,
    session: &Session,
) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { path: plan.output.clone(), source };
    let work = work_folder(&plan.output).map_err(unwritable)?;
    let mut writer = Layout::create(&plan.output)?;
    let (unpacking, work_left) = (unpack::Budget::new(), RefCell::new(Steps::default()));
    let context: Arc<Path> = Arc::from(open::real(&inputs.context)?);
    let mut manifests = Vec::new();
    for program in programs {
        if programs.len() > 1 {
            session.log.line(format!("platform {}", program.platform));
        }
        let (context, stages, images) = (Arc::clone(&context), BTreeMap::new(), BTreeMap::new());
        let (work, unpacking, work_left) = (work.path(), &unpacking, &work_left);
        let builder = Builder {
            inputs,
            plan,
            program,
            clients,
            session,
            work,
            stages,
            images,
            context,
            unpacking,
            work_left,
            writer: &mut writer,
        };
        manifests.push(builder.build(secrets).await?);
    }
    let annotations = &plan.naming.annotations;
    let mut root = match <[Descriptor; 1]>::try_from(manifests) {
        Ok([only]) => only,
        Err(several) => index(&mut writer, &several, annotations, secrets)?,
    };
    root.annotations.extend(annotations.at(Level::IndexDescriptor));
    writer.tag(&root, &plan.naming.tags);
    writer.commit()?;
    Ok(())
}

/// Writes the index of several images.
fn index(
    writer: &mut LayoutWriter,
    manifests: &[Descriptor],
    annotations: &Annotations,
    secrets: &Values,
) -> Result<Descriptor, Error> {
    let own = annotations.at(Level::Index);
    let mut index = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": manifests });
    if !own.is_empty() {
        index["annotations"] = json!(own);
    }
    let bytes = index.to_string();
    secrets.seek_in("index", bytes.as_bytes())?;
    Ok(writer.add(media_type::OCI_INDEX, bytes.as_bytes())?)
}

impl Builder<'_> {
    /// Carries the program out and gives its image's descriptor.
    async fn build(mut self, secrets: &Values) -> Result<Descriptor, Error> {
        for (key, image) in &self.program.images {
            let root = self.open(image).await?;
            self.images.insert(key.clone(), root);
        }
        let last_uses = self.program.last_uses();
        for (place, stage) in self.program.stages.iter().enumerate() {
            let root = self.stage(stage, place, &last_uses).await?;
            self.stages.insert(stage.index, root);
            // What nothing after this needs is let go, or a thousand stages hold a thousand file systems.
            self.stages.retain(|index, _| last_uses.get(index).is_some_and(|last| *last > place));
            let held: usize = self.stages.values().map(|root| root.tree.len()).sum();
            let names: usize = self.stages.values().map(|root| root.tree.names()).sum();
            if held > limits::NODES || names > 2 * limits::NAMES {
                let problem = if held > limits::NODES {
                    format!("the stages hold more than {} files at a time", limits::NODES)
                } else {
                    format!(
                        "the names of the files that the stages hold at a time have more than {} MiB",
                        limits::NAMES / 512 / 1024
                    )
                };
                let line = stage.steps.first().map_or(1, |step| step.line);
                return Err(Error::too_large(&self.inputs.file_shown, line, problem));
            }
        }
        self.finish(secrets)
    }

    /// Brings an image's layers here and reads which files they hold.
    async fn open(&mut self, image: &BaseImage) -> Result<Root, Error> {
        let files = self.layer_files(image).await?;
        let mut root = Root { history: image.history.clone(), ..Root::default() };
        let mut tree = Tree::default();
        for ((path, layer), diff_id) in files.iter().zip(&image.layers).zip(&image.diff_ids) {
            let failed = |source| {
                Error::Source(SourceError::Unpack {
                    name: format!("layer {} of {}", layer.digest.short(), image.name),
                    source,
                })
            };
            let tar = unpack::plain(path, self.work, self.unpacking).map_err(failed)?;
            unpack::layer(&tar, self.unpacking, &mut tree).map_err(failed)?;
            self.writer.add_stream(File::open(path).map_err(failed)?, layer)?;
            root.layers.push(Layer { descriptor: as_oci(layer), diff_id: diff_id.clone() });
        }
        root.tree = Arc::new(tree);
        Ok(root)
    }

    async fn layer_files(&self, image: &BaseImage) -> Result<Vec<PathBuf>, Error> {
        let file = || self.inputs.file_shown.clone();
        match &image.place {
            Place::Layout(folder) => {
                let damaged =
                    |source| Error::BaseImage { file: file(), line: image.line, image: image.name.clone(), source };
                let opened = base::open(folder, &image.platform).map_err(damaged)?;
                opened.layers().iter().try_for_each(oci_image::Blob::verify).map_err(damaged)?;
                Ok(opened.layers().iter().map(|layer| layer.path().to_path_buf()).collect())
            }
            Place::Registry { registry, repository } => {
                let failed = |source| Error::Pull {
                    file: file(),
                    line: image.line,
                    image: image.name.clone(),
                    source: Box::new(source),
                };
                let client = self.clients.registry(registry, self.session, failed).await?;
                let unusable = |error: image_ref::ParseError| {
                    Error::at(&file(), image.line, error.to_string(), "correct the image's name")
                };
                let repository = RepositoryName::parse(repository).map_err(unusable)?;
                let mut files = Vec::new();
                for layer in &image.layers {
                    self.session.log.line(format!("pulling {} ({} bytes)", layer.digest.short(), layer.size));
                    let path = self.work.join(layer.digest.hex());
                    client.pull_blob_to(&repository, &layer.digest, layer.size, &path).await.map_err(failed)?;
                    files.push(path);
                }
                Ok(files)
            }
        }
    }

    /// Carries out the stage at `place` of the program.
    async fn stage(
        &mut self,
        stage: &StageProgram,
        place: usize,
        last_uses: &BTreeMap<usize, usize>,
    ) -> Result<Root, Error> {
        let mut root = match &stage.base {
            Origin::Scratch => Root::default(),
            // A stage whose last use this is is continued and not copied, unless it also copies from it.
            Origin::Stage(index) if last_uses.get(index) == Some(&place) && !stage.copies_from(*index) => {
                self.stages.remove(index).unwrap_or_default()
            }
            Origin::Stage(index) => self.stages.get(index).cloned().unwrap_or_default(),
            Origin::Image(name) => self.images.get(name).cloned().unwrap_or_default(),
        };
        for step in &stage.steps {
            // Signals are seen only where this task lets others run.
            tokio::task::yield_now().await;
            if self.session.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.session.log.line(format!("line {}: {}", step.line, step.text));
            self.step(step, &mut root).await?;
        }
        Ok(root)
    }

    async fn step(&mut self, step: &Step, root: &mut Root) -> Result<(), Error> {
        let changes = match &step.action {
            Action::Configure => Tree::default(),
            Action::MakeFolder(path) => self.folder(step, path, root)?,
            Action::Copy(copy_step) => copy::changes(self, step, copy_step, &root.tree)?,
        };
        if let Some((path, flaw)) = changes.iter().find_map(|(path, _)| Some((path, layer::flaw(path)?))) {
            let start: String = path.chars().take(60).collect();
            let dots = if start.len() < path.len() { "..." } else { "" };
            let problem = format!("`/{start}{dots}` {flaw}");
            let help = "leave the file out with .dockerignore, or give it another name";
            return Err(Error::at(&self.inputs.file_shown, step.line, problem, help));
        }
        let empty = changes.iter().next().is_none();
        root.history.push(Program::history_of(step, &self.plan.naming.created, empty));
        if empty {
            return Ok(());
        }
        let writer = self.writer.layer_writer(self.inputs.compression)?;
        let cancel = self.session.cancel.clone();
        let (changes, layer) = self
            .off_thread(move || {
                let writer = layer::Stoppable { inner: writer, is_stopped: || cancel.is_cancelled() };
                let layer = layer::write(&changes, writer)?.inner.finish()?;
                Ok((changes, layer))
            })
            .await?;
        root.layers.push(layer);
        let tree = Arc::make_mut(&mut root.tree);
        for (path, node) in changes.iter() {
            tree.insert(path.to_owned(), node.clone());
        }
        Ok(())
    }

    /// Does hard work on another thread, so that a cancellation is seen while it is under way.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let work = tokio::task::spawn_blocking(work);
        tokio::select! {
            () = self.session.cancel.cancelled() => Err(Error::Cancelled),
            done = work => match done {
                Ok(result) => result,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => Err(Error::Cancelled),
            },
        }
    }

    fn folder(&self, step: &Step, path: &str, root: &Root) -> Result<Tree, Error> {
        let mut changes = Tree::default();
        let path = root.tree.resolve(path).unwrap_or_default();
        let added = copy::add_folders(&path, &root.tree, &mut changes, self.modified());
        added.map(|()| changes).map_err(|file| {
            let problem = format!("`/{file}` is a file, so it cannot be a folder");
            Error::at(&self.inputs.file_shown, step.line, problem, "choose another folder")
        })
    }

    /// The time of everything that is copied, in seconds since 1970.
    pub(crate) fn modified(&self) -> u64 {
        u64::try_from(self.plan.naming.epoch).unwrap_or(0)
    }

    fn finish(mut self, secrets: &Values) -> Result<Descriptor, Error> {
        let target = self.program.target();
        let root = target.and_then(|stage| self.stages.remove(&stage.index)).unwrap_or_default();
        let mut config = target.map(|stage| stage.config.clone()).unwrap_or_default();
        config.labels = self.plan.naming.labels_over(&config.labels);
        let platform = &self.program.platform;
        let image = ImageConfig {
            created: Some(self.plan.naming.created.clone()),
            author: target.and_then(|stage| stage.author.clone()),
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            variant: platform.variant.clone(),
            config: Some(config),
            rootfs: RootFs {
                diff_ids: root.layers.iter().map(|layer| layer.diff_id.clone()).collect(),
                ..RootFs::default()
            },
            history: root.history,
            other: serde_json::Map::new(),
        };
        let config = json!(image).to_string();
        secrets.seek_in("configuration", config.as_bytes())?;
        let config = self.writer.add(media_type::OCI_CONFIG, config.as_bytes())?;
        let layers: Vec<&Descriptor> = root.layers.iter().map(|layer| &layer.descriptor).collect();
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": layers,
        });
        let annotations = &self.plan.naming.annotations;
        let own = annotations.at(Level::Manifest);
        if !own.is_empty() {
            manifest["annotations"] = json!(own);
        }
        let manifest = manifest.to_string();
        secrets.seek_in("manifest", manifest.as_bytes())?;
        let mut manifest = self.writer.add(media_type::OCI_MANIFEST, manifest.as_bytes())?;
        manifest.platform = Some(platform.clone());
        manifest.annotations = annotations.at(Level::ManifestDescriptor);
        Ok(manifest)
    }
}

/// The descriptor of a layer in an OCI manifest: Docker's media types have OCI twins for the same bytes.
fn as_oci(layer: &Descriptor) -> Descriptor {
    let media_type = match layer.media_type.as_str() {
        media_type::DOCKER_LAYER => media_type::OCI_LAYER,
        media_type::DOCKER_LAYER_GZIP => media_type::OCI_LAYER_GZIP,
        media_type::DOCKER_LAYER_ZSTD => media_type::OCI_LAYER_ZSTD,
        other => other,
    };
    Descriptor::new(media_type, layer.digest.clone(), layer.size)
}
