//! Where the time of a hybrid's call goes.

use serde::{Deserialize, Serialize};

use super::{Estimate, figure};

/// Where the time of a hybrid's call goes: its kernel, the boundary, and the empty call within the boundary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The hybrid.
    pub hybrid: String,
    /// The native implementation that it wraps.
    pub kernel: String,
    /// Wall time of the hybrid's call.
    pub total_ns: Estimate,
    /// Wall time of the kernel's.
    pub compute_ns: Estimate,
    /// Hybrid less kernel, by rounds.
    pub boundary_ns: Estimate,
    /// `boundary_ns` as a share of `total_ns`.
    pub boundary_share: Estimate,
    /// An empty call into the extension; `None` where it exports none.
    #[serde(serialize_with = "figure::optional")]
    pub call_floor_ns: Option<f64>,
    /// Whether the interval of the boundary keeps clear of zero.
    pub resolved: bool,
    /// The cheapest call there is, of the extension or else of a C builtin, as a share of `total_ns`.
    #[serde(default, serialize_with = "figure::optional")]
    pub floor_share: Option<f64>,
    /// Whether what calling costs is so much of the call that what is left after taking it off says nothing.
    #[serde(default)]
    pub refused: bool,
}

impl Split {
    /// Whether the boundary may be quoted: its interval keeps clear of zero, and the call floor does not stand for it.
    pub fn is_quotable(&self) -> bool {
        self.resolved && !self.refused
    }
}
