//! What is at an address that AWS signed beforehand: it takes no credentials.

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

use crate::connect::Aws;
use crate::error::causes;
use crate::http;

impl Aws {
    /// Downloads at most `limit` bytes, over TLS or from this machine. No redirect is followed.
    pub async fn download(&self, url: &str, limit: usize) -> Result<Vec<u8>, String> {
        if !url.starts_with("https://") && !loopback::is_loopback_url(url) {
            return Err("the address of the download is not one of HTTPS".to_owned());
        }
        let request = HttpRequest::get(url).map_err(|error| format!("the address of the download: {error}"))?;
        let response = http::connector(url, self.pace()).call(request).await;
        let response = response.map_err(|error| format!("the download cannot be reached: {}", causes(&error)))?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("the download answered {}", status.as_u16()));
        }
        let mut stream = ByteStream::new(response.into_body());
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| format!("the download broke off: {error}"))?);
            if bytes.len() > limit {
                return Err(format!("the download is longer than {limit} bytes"));
            }
        }
        Ok(bytes)
    }
}
