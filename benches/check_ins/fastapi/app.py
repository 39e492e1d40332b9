"""The same request as ours, one INSERT each, by FastAPI and asyncpg."""

import os
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel, Field

# Connections of each process, as many as Fastify's.
POOL = 32

# asyncpg prepares it once a connection.
INSERT = """INSERT INTO scans_fastapi (id, kind, captured_at, name, phone) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING"""

Text = Annotated[str, Field(max_length=200)]


class Typed(BaseModel):
    name: Text
    phone: Text


class Scan(BaseModel):
    id: UUID
    kind: Literal["in", "out"]
    captured_at: datetime
    typed: Typed


class Batch(BaseModel):
    scans: Annotated[list[Scan], Field(min_length=1, max_length=1)]


class Outcome(BaseModel):
    id: UUID
    outcome: str
    kind: str
    name: str
    title: str
    text: str


class Outcomes(BaseModel):
    results: list[Outcome]


@asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=POOL, max_size=POOL) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/scans")
async def take(batch: Batch) -> Outcomes:
    scan = batch.scans[0]
    name, phone = scan.typed.name, scan.typed.phone
    done = await app.state.pool.execute(INSERT, scan.id, scan.kind, scan.captured_at, name, phone)
    outcome = "accepted" if done == "INSERT 0 1" else "duplicate"
    return Outcomes(results=[Outcome(id=scan.id, outcome=outcome, kind=scan.kind, name=name, title="Mời vào", text="")])
