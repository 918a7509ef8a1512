//! Images of containers: on Windows one for each build of the nodes, of which the cluster decides.

use super::{Cluster, Component, Container, Pool, WindowsBuild};
use crate::source::Spanned;

/// One image of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The image's reference.
    pub reference: Spanned<String>,
    /// The Windows build that it is made for; nothing is known of an image that does not say.
    pub base: Option<Spanned<WindowsBuild>>,
}

impl Image {
    /// Whether it says that it is made for a build.
    pub fn is_for(&self, build: WindowsBuild) -> bool {
        self.base.is_some_and(|base| base.value.is(build))
    }
}

impl Container {
    /// Whether one of its images says that it is made for a build.
    pub fn has_image_for(&self, build: WindowsBuild) -> bool {
        self.images.iter().any(|image| image.is_for(build))
    }

    /// Takes the image of a build; without one of its own the image that is made for none, or else the first.
    pub fn choose(&mut self, build: Option<WindowsBuild>) {
        let of_build = self.images.iter().find(|image| build.is_some_and(|build| image.is_for(build)));
        let of_any = self.images.iter().find(|image| image.base.is_none());
        if let Some(image) = of_build.or(of_any).or(self.images.first()) {
            (self.image, self.base) = (image.reference.clone(), image.base);
        }
    }
}

impl Component {
    /// Whether every container says that it has an image for a build.
    pub fn has_images_for(&self, build: WindowsBuild) -> bool {
        self.every_container().all(|container| container.has_image_for(build))
    }

    /// The build that a cluster has for a component that asks for none: the one that a pool is on the way to if there
    /// are images for it, or else the pool's own unless all images are for others. The first such pool decides.
    pub fn build_on(&self, cluster: &Cluster) -> Option<Spanned<WindowsBuild>> {
        let of_pool = |pool: &Pool| {
            let own = pool.os.build().filter(|_| pool.nodes.max(pool.max) > 0);
            let next = pool.upgrade.filter(|next| self.has_images_for(next.value));
            next.or_else(|| own.filter(|own| self.may_run_on(own.value)))
        };
        cluster.pools.iter().find_map(of_pool)
    }

    /// Whether no container has images for other builds alone.
    fn may_run_on(&self, build: WindowsBuild) -> bool {
        let may = |container: &Container| {
            container.images.iter().any(|image| image.base.is_none() || image.is_for(build))
        };
        self.every_container().all(may)
    }

    /// The same component on a cluster, with the build and the images that it has there.
    #[must_use]
    pub fn on(&self, cluster: &Cluster) -> Self {
        let mut component = self.clone();
        // Where it has images for none, a rule says so.
        let some = || cluster.pools.iter().find_map(|pool| pool.os.build());
        if let (Some(span), Some(build)) = (self.any_build, self.build_on(cluster).or_else(some)) {
            component.os = super::Os::Windows(Spanned::new(build.value, span));
        }
        let build = component.os.build().map(|build| build.value);
        let main = std::iter::once(&mut component.main);
        let all = main.chain(&mut component.containers).chain(&mut component.inits);
        all.for_each(|container| container.choose(build));
        component
    }
}
