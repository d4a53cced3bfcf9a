//! Where a default counts.

use std::fmt;

/// Where a default counts: everywhere, in a kube context, in one namespace of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The kube context; all of them if none.
    pub context: Option<String>,
    /// The namespace; all of them if none.
    pub namespace: Option<String>,
}

impl Scope {
    /// Everywhere.
    pub const EVERYWHERE: Self = Self {
        context: None,
        namespace: None,
    };

    /// This place and those around it; the narrowest comes first.
    pub fn outwards(&self) -> Vec<Self> {
        let mut scopes = vec![self.clone()];
        if self.namespace.is_some() {
            scopes.push(Self {
                namespace: None,
                ..self.clone()
            });
        }
        if self.context.is_some() {
            scopes.push(Self::EVERYWHERE);
        }
        scopes
    }

    /// How many names it takes to say where: the more, the narrower.
    pub fn depth(&self) -> usize {
        usize::from(self.context.is_some()) + usize::from(self.namespace.is_some())
    }

    /// The words behind something that counts there.
    pub fn suffix(&self) -> String {
        match (&self.context, &self.namespace) {
            (None, _) => String::new(),
            (Some(context), None) => format!(" in kube context {context:?}"),
            (Some(context), Some(namespace)) => {
                format!(" in namespace {namespace:?} of kube context {context:?}")
            }
        }
    }

    /// The flags that say it.
    pub fn flags(&self) -> String {
        let context = self.context.iter().map(|name| ("--context", name));
        let namespace = self.namespace.iter().map(|name| ("--namespace", name));
        let flags = context.chain(namespace);
        let words = flags.flat_map(|(flag, name)| [flag.into(), shell_words::quote(name)]);
        let words: Vec<_> = [String::new().into()].into_iter().chain(words).collect();
        words.join(" ")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.suffix();
        f.write_str(if place.is_empty() {
            "everywhere"
        } else {
            place.trim_start()
        })
    }
}
