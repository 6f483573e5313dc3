//! Whether an image is there, and fits the processor. Asks ECR only: other registries have other credentials.

use image_ref::{EcrRegistry, ImageReference, Reference};
use serde_json::Value;

use crate::ecs::{Ecs, Found, Repository};
use crate::preflight::platform::{Platform, configuration};
use crate::preflight::{Answer, NotLooked};

/// An image as a task definition names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) repository: Repository,
    pub(crate) reference: Reference,
}

impl Image {
    /// Reads the name; the error says why nobody is asked about it.
    pub(crate) fn parse(text: &str) -> Result<Self, NotLooked> {
        let elsewhere =
            || NotLooked::Because("it is not in a private ECR registry, and only those are asked".to_owned());
        let reference = ImageReference::parse(text).map_err(|_| elsewhere())?;
        let registry = reference.registry.as_ref().and_then(|host| EcrRegistry::parse(host.as_str()).ok());
        let named = reference.clone().with_docker_defaults().reference().ok_or_else(elsewhere)?;
        let repository = Repository { registry: registry.ok_or_else(elsewhere)?, name: reference.repository };
        Ok(Self { repository, reference: named })
    }
}

/// What is known of an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Looked {
    /// It is there: its digest, and its manifest or index.
    There { digest: String, manifest: Value },
    /// It is not; the words say what is missing.
    Gone(String),
    /// It is not there, and whether it comes when it is pulled is not known; the words say both.
    Doubted(String),
    /// It is not known.
    NotLooked(NotLooked),
}

/// Looks for the image that a task definition names `text`.
pub(crate) async fn look(ecs: &Ecs, text: &str) -> Looked {
    match Image::parse(text) {
        Ok(image) => find(ecs, &image).await,
        Err(why) => Looked::NotLooked(why),
    }
}

async fn find(ecs: &Ecs, image: &Image) -> Looked {
    match ecs.image(&image.repository, &image.reference).await {
        Ok(Found::Image { digest, manifest }) => Looked::There { digest, manifest },
        Ok(Found::Nothing(why)) => gone(ecs, image, why).await,
        Err(error) => Looked::NotLooked(NotLooked::of(&error)),
    }
}

/// A repository that is a cache gets an image when it is pulled: that it is not there yet says nothing.
async fn gone(ecs: &Ecs, image: &Image, why: String) -> Looked {
    match ecs.is_cache(&image.repository).await {
        Ok(false) => Looked::Gone(why),
        Ok(true) => {
            Looked::NotLooked(NotLooked::Because(format!("{why}, but it is filled from elsewhere when it is pulled")))
        }
        Err(error) => {
            let unknown = match NotLooked::of(&error) {
                NotLooked::Permission(action) => format!("grant `{action}` to know that"),
                NotLooked::Because(reason) => reason,
            };
            Looked::Doubted(format!("{why}; whether it comes from elsewhere when it is pulled is not known: {unknown}"))
        }
    }
}

/// Whether the image that a task definition names `text` is there, and is for `wanted`; without that the tasks' instances decide.
pub(super) async fn check(ecs: &Ecs, text: &str, wanted: Option<&Platform>) -> Answer {
    let image = match Image::parse(text) {
        Ok(image) => image,
        Err(why) => return Answer::NotLooked(why),
    };
    let (digest, manifest) = match find(ecs, &image).await {
        Looked::There { digest, manifest } => (digest, manifest),
        Looked::Gone(why) => return Answer::Failed(why),
        Looked::Doubted(why) => return Answer::Doubted(why),
        Looked::NotLooked(why) => return Answer::NotLooked(why),
    };
    let Some(wanted) = wanted else { return Answer::Passed(format!("it is there ({digest})")) };
    match platforms(ecs, &image, &manifest).await {
        Ok(platforms) => fits(&digest, &platforms, wanted),
        Err(why) => Answer::NotLooked(why),
    }
}

fn fits(digest: &str, platforms: &[Platform], wanted: &Platform) -> Answer {
    if platforms.contains(wanted) {
        return Answer::Passed(format!("it is there for {wanted} ({digest})"));
    }
    if platforms.is_empty() {
        return Answer::because(format!("it is there ({digest}), but does not say for which processor"));
    }
    let built: Vec<String> = platforms.iter().map(Platform::to_string).collect();
    Answer::Failed(format!(
        "it is for {}, and the task is for {wanted}: build it for that, or set `runtimePlatform.cpuArchitecture`",
        built.join(", ")
    ))
}

/// The platforms that an image is for: an index names them, and one alone has it in its configuration.
async fn platforms(ecs: &Ecs, image: &Image, manifest: &Value) -> Result<Vec<Platform>, NotLooked> {
    let Some(digest) = configuration(manifest) else { return Ok(Platform::of_index(manifest)) };
    match ecs.image_configuration(&image.repository, &digest).await {
        Ok(configuration) => Ok(Platform::of_configuration(&configuration).into_iter().collect()),
        Err(error) => Err(NotLooked::of(&error)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Answer, Image, Platform, fits};

    const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    #[test]
    fn only_images_of_ecr_are_asked_for() {
        let image = Image::parse(&format!("{REGISTRY}/shop/web:2")).unwrap();
        assert_eq!(image.repository.arn(), "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web");
        assert_eq!(image.reference.as_str(), "2");
        assert_eq!(Image::parse(&format!("{REGISTRY}/shop")).unwrap().reference.as_str(), "latest");
        for elsewhere in ["nginx", "public.ecr.aws/nginx/nginx:1", "ghcr.io/a/b@sha256:00", "", "127.0.0.1:5000/shop:1"]
        {
            assert!(Image::parse(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn one_of_the_platforms_must_be_the_tasks() {
        let index = json!({"manifests": [
            {"platform": {"os": "linux", "architecture": "amd64"}}, {"platform": {"os": "unknown", "architecture": "unknown"}},
            {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}
        ]});
        let arm = Platform::of_tasks(&json!({"runtimePlatform": {"cpuArchitecture": "ARM64"}})).unwrap();
        assert!(matches!(fits("sha256:0", &Platform::of_index(&index), &arm), Answer::Passed(_)));
        let amd = Platform::of_configuration(&json!({"os": "linux", "architecture": "amd64"})).unwrap();
        let Answer::Failed(why) = fits("sha256:0", &[amd], &arm) else { panic!("it is for another processor") };
        assert!(why.starts_with("it is for linux/amd64, and the task is for linux/arm64"), "{why}");
        assert!(matches!(fits("sha256:0", &[], &arm), Answer::NotLooked(_)));
    }

    #[test]
    fn fargate_alone_has_a_processor_by_default() {
        for others in [json!(["EC2"]), json!(["EC2", "FARGATE"])] {
            assert_eq!(Platform::of_tasks(&json!({"requiresCompatibilities": others})), None, "the instances have one");
        }
        let fargate = Platform::of_tasks(&json!({"requiresCompatibilities": ["FARGATE"]}));
        assert_eq!(fargate.unwrap().to_string(), "linux/amd64");
        assert_eq!(Platform::of_tasks(&json!({"runtimePlatform": {"cpuArchitecture": "RISCV"}})), None);
    }
}
