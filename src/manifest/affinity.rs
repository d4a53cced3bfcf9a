//! What labels of cluster nodes must be like, as Kubernetes spells it, and back.

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
};

use crate::model::{Comparison, Requirement};

/// All of the requirements together; none if there are none.
pub(super) fn affinity(requirements: &[Requirement]) -> Option<Affinity> {
    if requirements.is_empty() {
        return None;
    }
    let term = NodeSelectorTerm {
        match_expressions: Some(requirements.iter().map(expression).collect()),
        ..NodeSelectorTerm::default()
    };
    Some(Affinity {
        node_affinity: Some(NodeAffinity {
            required_during_scheduling_ignored_during_execution: Some(NodeSelector {
                node_selector_terms: vec![term],
            }),
            ..NodeAffinity::default()
        }),
        ..Affinity::default()
    })
}

fn expression(requirement: &Requirement) -> NodeSelectorRequirement {
    let (operator, values) = match &requirement.comparison {
        Comparison::In(values) => ("In", values.clone()),
        Comparison::NotIn(values) => ("NotIn", values.clone()),
        Comparison::Exists => ("Exists", Vec::new()),
        Comparison::DoesNotExist => ("DoesNotExist", Vec::new()),
        Comparison::Greater(than) => ("Gt", vec![than.to_string()]),
        Comparison::Less(than) => ("Lt", vec![than.to_string()]),
    };
    NodeSelectorRequirement {
        key: requirement.key.clone(),
        operator: operator.to_owned(),
        values: (!values.is_empty()).then_some(values),
    }
}

/// The requirements that `affinity` is made of.
pub(super) fn requirements(affinity: Option<&Affinity>) -> Vec<Requirement> {
    let nodes = affinity.and_then(|affinity| affinity.node_affinity.as_ref());
    let required = nodes.and_then(|nodes| {
        nodes
            .required_during_scheduling_ignored_during_execution
            .as_ref()
    });
    let terms = required.map_or(&[][..], |required| &required.node_selector_terms);
    let [term] = terms else {
        return Vec::new();
    };
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    expressions.iter().filter_map(requirement).collect()
}

fn requirement(expression: &NodeSelectorRequirement) -> Option<Requirement> {
    let values = expression.values.clone().unwrap_or_default();
    let number = |values: &[String]| values.first().and_then(|value| value.parse().ok());
    let comparison = match expression.operator.as_str() {
        "In" => Comparison::In(values),
        "NotIn" => Comparison::NotIn(values),
        "Exists" => Comparison::Exists,
        "DoesNotExist" => Comparison::DoesNotExist,
        "Gt" => Comparison::Greater(number(&values)?),
        "Lt" => Comparison::Less(number(&values)?),
        _ => return None,
    };
    Some(Requirement {
        key: expression.key.clone(),
        comparison,
    })
}
