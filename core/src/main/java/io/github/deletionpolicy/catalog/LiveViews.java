package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * The live views that policies name: each shows the live rows of its table, and stands
 * for that table wherever rows are deleted, restored or asked for. It does not ask the
 * database.
 */
public class LiveViews {

	private final DeletionPolicyRegistry policies;

	private final List<Declared> declared = new ArrayList<>();

	/**
	 * Collect the live views.
	 * @throws InvalidDeletionPolicyException if a name is no name of a view, is that of a
	 * table with a policy, or is said for two tables
	 */
	public LiveViews(DeletionPolicyRegistry policies) {
		this.policies = policies;
		for (DeletionPolicy policy : policies.policies()) {
			TableName view = viewOf(policy);
			if (view != null) {
				Declared added = new Declared(view, TableName.parse(policy.table()), policy);
				refuseTable(added);
				this.declared.forEach((earlier) -> refuseTwin(earlier, added));
				this.declared.add(added);
			}
		}
	}

	/**
	 * Return the policy that a relation has by its name: a table its own, a live view
	 * that of its table.
	 * @param relation the name as written; without a schema it is held against the names
	 * in the policies as it is
	 * @throws InvalidDataAccessApiUsageException if the name has no schema and fits
	 * qualified policies of several schemas
	 */
	public DeletionPolicy policyFor(TableName relation) {
		Declared named = named(relation);
		if (named != null && relation.schema() == null && named.home().schema() != null
				&& this.declared.stream().filter((it) -> it.view().mayMean(relation)).count() > 1) {
			throw new InvalidDataAccessApiUsageException(
					"View '%s' is the live view of tables in several schemas. Write schema.view.".formatted(relation));
		}
		return (named != null) ? named.policy() : this.policies.policyFor(relation.toString());
	}

	/**
	 * Return the live view of a policy.
	 * @return the name as written; {@code null} if the policy has none
	 * @throws IllegalArgumentException if it is no name of a view; its message ends a
	 * sentence
	 */
	public static @Nullable TableName of(DeletionPolicy policy) {
		String written = (policy instanceof DeletionPolicy.Soft soft) ? soft.liveView()
				: (policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.liveView() : null;
		if (written == null) {
			return null;
		}
		List<String> parts = SqlIdentifiers.parse(written);
		if (parts.size() > 2) {
			throw new IllegalArgumentException("it has too many parts");
		}
		return new TableName((parts.size() == 1) ? null : parts.get(0), parts.get(parts.size() - 1));
	}

	/**
	 * Find the declaration that a name can mean; {@code null} if no policy names such a
	 * view.
	 */
	@Nullable Declared named(TableName relation) {
		return this.declared.stream()
			.filter((it) -> it.view().mayMean(relation))
			.min(Comparator.comparingInt((it) -> it.distanceFrom(relation)))
			.orElse(null);
	}

	/**
	 * Return the table that a live view stands for, as its policy writes it; any other
	 * name as it is.
	 */
	TableName tableOf(TableName relation) {
		Declared named = named(relation);
		return (named != null) ? named.table() : relation;
	}

	/**
	 * Return whether a view is the one that the policy of a table names, both with their
	 * schemas.
	 */
	boolean isLiveViewOf(TableName view, TableName table) {
		TableName named = of(this.policies.policyFor(table.toString()));
		return named != null && named.mayMean(view);
	}

	private @Nullable TableName viewOf(DeletionPolicy policy) {
		try {
			return of(policy);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidDeletionPolicyException(
					"The policy for table '%s' (%s) has a live view whose name is no such name: %s."
						.formatted(policy.table(), this.policies.originOf(policy.table()), ex.getMessage()),
					"Write view or schema.view, as in SQL.", ex);
		}
	}

	private void refuseTable(Declared added) {
		for (DeletionPolicy policy : this.policies.policies()) {
			if (added.home().mayMean(TableName.parse(policy.table()))) {
				throw new InvalidDeletionPolicyException(
						"'%s' is named as the live view of table '%s' (%s), and has a policy of its own as '%s' (%s)."
							.formatted(added.view(), added.table(), origin(added), policy.table(),
									this.policies.originOf(policy.table())),
						"A delete through a live view means its table: keep the policy of that table only. Where two schemas have the same name, write both names with their schema.");
			}
		}
	}

	private void refuseTwin(Declared earlier, Declared added) {
		boolean sameSpelling = earlier.view().schema() != null && earlier.view().equals(added.view());
		boolean otherTable = earlier.home().mayMean(added.home()) && !earlier.table().mayMean(added.table());
		if (sameSpelling || otherTable) {
			throw new InvalidDeletionPolicyException(
					"'%s' is named as the live view of two tables: '%s' (%s) and '%s' (%s).".formatted(added.view(),
							earlier.table(), origin(earlier), added.table(), origin(added)),
					"A live view shows the rows of one table. Make a view for each.");
		}
	}

	private String origin(Declared declaration) {
		return this.policies.originOf(declaration.policy().table());
	}

	/**
	 * A live view as a policy names it.
	 *
	 * @param view the view as written
	 * @param table the table of the policy as written
	 */
	record Declared(TableName view, TableName table, DeletionPolicy policy) {

		/**
		 * Return where the view is looked for first: without a schema, beside its table.
		 */
		TableName home() {
			return (this.view.schema() != null) ? this.view : new TableName(this.table.schema(), this.view.name());
		}

		private int distanceFrom(TableName relation) {
			String schema = home().schema();
			return Objects.equals(schema, relation.schema()) ? 0 : (schema == null) ? 1 : 2;
		}

	}

}
