"""The registers: people, households, employers, employment, contributions, registrations, benefits."""

from jiuye.registry.models.benefit import BenefitPeriod
from jiuye.registry.models.duplicate import DuplicateProposal, Merge
from jiuye.registry.models.employer import Employer
from jiuye.registry.models.employment import ContributionSpell, EmploymentSpell
from jiuye.registry.models.feed import Feed, FeedRecord
from jiuye.registry.models.person import Household, PayeeAccount, Person, PersonEvent
from jiuye.registry.models.registration import Registration
from jiuye.registry.models.stated import StatedFact
from jiuye.registry.models.upload import Upload, UploadProblem

__all__ = [
    "BenefitPeriod",
    "ContributionSpell",
    "DuplicateProposal",
    "Employer",
    "EmploymentSpell",
    "Feed",
    "FeedRecord",
    "Household",
    "Merge",
    "PayeeAccount",
    "Person",
    "PersonEvent",
    "Registration",
    "StatedFact",
    "Upload",
    "UploadProblem",
]
