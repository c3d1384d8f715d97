from services.sync.models import Base
from shared.platform.migrations import run_env

run_env(Base.metadata)
