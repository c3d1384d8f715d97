from services.notices.models import Base
from shared.platform.migrations import run_env

run_env(Base.metadata)
