//! Whether the examples in the document fit their schemas.

use crate::{Contract, Node};

impl Contract {
    /// Returns why examples do not fit the schema beside them, one line for each reason.
    #[must_use]
    pub fn example_misfits(&self) -> Vec<String> {
        let mut misfits = Vec::new();
        for part in ["paths", "webhooks", "components"] {
            if let Some(node) = self.document.at(&[part]) {
                self.collect_example_misfits(&node, &mut misfits);
            }
        }
        misfits
    }

    fn collect_example_misfits(&self, node: &Node<'_>, misfits: &mut Vec<String>) {
        if let Some(schema) = node.child("schema") {
            let named = node.child("examples");
            let named = named.iter().flat_map(Node::children).filter_map(|(_, example)| example.child("value"));
            for example in named.chain(node.child("example")) {
                let found = self.misfits(&schema, example.value());
                misfits.extend(found.into_iter().map(|misfit| format!("{}: {misfit}", example.fragment())));
            }
        }
        for (_, child) in node.children_here() {
            self.collect_example_misfits(&child, misfits);
        }
    }
}
