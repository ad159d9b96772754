"""The pages that edit the draft of the rules table, on a Django admin site."""

from screening.drafts.models import Case, Rule, RuleSet

from .cases import CaseAdmin
from .rule_sets import RuleSetAdmin
from .rules import RuleAdmin
from .site import rules_site

rules_site.register(RuleSet, RuleSetAdmin)
rules_site.register(Rule, RuleAdmin)
rules_site.register(Case, CaseAdmin)

__all__ = ["rules_site"]
