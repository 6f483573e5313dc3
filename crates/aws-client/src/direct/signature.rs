//! Signs requests as S3 wants them: the path as it is sent, the body where its way could be read by others.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::keys::Held;

/// What signatures are for.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) service: &'static str,
    pub(super) region: String,
    /// Whether the sum of the body is part of the signature.
    pub(super) signs_body: bool,
}

impl Signer {
    /// Adds the headers of the signature.
    pub(super) fn sign(
        &self,
        request: &mut HttpRequest,
        body: &[u8],
        keys: &Held,
        time: SystemTime,
    ) -> Result<(), BoxError> {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let parameters = v4::SigningParams::builder()
            .identity(&keys.identity)
            .region(&self.region)
            .name(self.service)
            .time(time)
            .settings(settings)
            .build()?
            .into();
        let body = if self.signs_body { SignableBody::Bytes(body) } else { SignableBody::UnsignedPayload };
        let signable = SignableRequest::new(request.method(), request.uri(), request.headers().iter(), body)?;
        let (headers, _) = sign(signable, &parameters)?.into_parts().0.into_parts();
        for header in headers {
            request.headers_mut().try_insert(header.name(), header.value().to_owned())?;
        }
        Ok(())
    }
}
