package io.github.deletionpolicy.sample.workspace;

import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.ReadOnlyProperty;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A project.
 *
 * @param id the id; {@code null} until it is saved
 * @param ownerId the user whose it is
 * @param name the name
 * @param legalHold whether it must stay, deleted or not
 * @param deletionTime when it was deleted; {@code null} if it is live. Read-only, so that
 * no save writes an old one back
 */
@Table("projects")
record Project(@Id @Nullable Long id, long ownerId, String name, boolean legalHold,
		@ReadOnlyProperty @Nullable Instant deletionTime) {

	long requiredId() {
		return Objects.requireNonNull(this.id);
	}

	Project withLegalHold(boolean hold) {
		return new Project(this.id, this.ownerId, this.name, hold, this.deletionTime);
	}

}
