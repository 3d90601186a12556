package io.github.deletionpolicy;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A delete in which nothing is left to be decided: what {@link DeleteTemplate} hands to
 * the {@link DeletionExecutor}.
 *
 * @param target the table, or the class that stands for it
 * @param table the table that the target resolved to
 * @param selection which rows
 * @param mode the resolved mode
 * @param source who decided it
 * @param delay the resolved delay; zero unless the mode is {@link DeletionMode#SCHEDULED}
 * @param policy the table's policy, for the name of its columns
 * @param cascade whether dependants are taken along
 * @param includingDeleted whether rows that are already deleted are marked anew
 * @param reason why; {@code null} if the caller did not say
 * @since 0.1
 */
public record DeletionOrder(DeletionTarget target, TableName table, RowSelection selection, DeletionMode mode,
		ModeSource source, Duration delay, DeletionPolicy policy, CascadeMode cascade, boolean includingDeleted,
		@Nullable String reason) {
}
