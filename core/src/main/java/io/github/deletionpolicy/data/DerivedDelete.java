package io.github.deletionpolicy.data;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.data.TablePolicies.Declared;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.IncorrectResultSizeDataAccessException;
import org.springframework.dao.IncorrectUpdateSemanticsDataAccessException;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.projection.SpelAwareProxyProjectionFactory;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.repository.query.RelationalParameters;
import org.springframework.data.relational.repository.query.RelationalParametersParameterAccessor;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.query.Parameters;
import org.springframework.data.repository.query.QueryMethod;
import org.springframework.data.repository.query.parser.Part;
import org.springframework.data.repository.query.parser.PartTree;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.Assert;

/**
 * A delete that Spring Data derives from the name of a method, sent by way of the policy.
 */
class DerivedDelete {

	private static final Pattern LIMITED = Pattern
		.compile("^(?:delete|remove)(?:Distinct)?(?:First|Top)\\d*(?:\\p{Lu}.*?)??By");

	private static final Set<Part.Type> UNKNOWN_TO_CRITERIA = EnumSet.of(Part.Type.REGEX, Part.Type.NEAR,
			Part.Type.WITHIN, Part.Type.EXISTS, Part.Type.IS_EMPTY, Part.Type.IS_NOT_EMPTY);

	private final RepositoryParts parts;

	private final Declared policy;

	private final Method method;

	private final Class<?> domainType;

	private final PartTree tree;

	private final QueryMethod queryMethod;

	private final ResolvableType returnType;

	private final @Nullable ReturnKind returns;

	DerivedDelete(RepositoryParts parts, Declared policy, Method method, RepositoryInformation repository) {
		this.parts = parts;
		this.policy = policy;
		this.method = method;
		this.domainType = repository.getDomainType();
		this.tree = new PartTree(method.getName(), this.domainType);
		this.queryMethod = new QueryMethod(method, repository, new SpelAwareProxyProjectionFactory(),
				RelationalParameters::new);
		this.returnType = ResolvableType.forMethodReturnType(method, repository.getRepositoryInterface());
		this.returns = ReturnKind.of(this.returnType, this.domainType);
	}

	/**
	 * Return whether the name of a method stands for a delete.
	 * @param method the method
	 * @param domainType the aggregate root
	 * @return whether Spring Data would derive a delete from it
	 */
	static boolean isDerivedFrom(Method method, Class<?> domainType) {
		if (!method.getName().startsWith("delete") && !method.getName().startsWith("remove")) {
			return false;
		}
		return new PartTree(method.getName(), domainType).isDelete();
	}

	/**
	 * Return why this cannot go by the policy.
	 * @return what is wrong, as a whole sentence; {@code null} if nothing is
	 */
	@Nullable String obstacle() {
		if (LIMITED.matcher(this.method.getName()).find()) {
			return "Its name asks for the first rows only, and a delete takes all rows that match.";
		}
		Parameters<?, ?> parameters = this.queryMethod.getParameters();
		if (parameters.getNumberOfParameters() != parameters.getBindableParameters().getNumberOfParameters()) {
			return "It has a parameter that is no value to compare with, such as a Sort, Pageable, Limit or Class.";
		}
		for (PartTree.OrPart alternative : this.tree) {
			for (Part part : alternative) {
				String path = part.getProperty().toDotPath();
				if (UNKNOWN_TO_CRITERIA.contains(part.getType())) {
					return "The keyword %s of property '%s' is none that Spring Data JDBC knows."
						.formatted(part.getType(), path);
				}
				if (this.parts.mapping().columnOf(this.domainType, path) == null) {
					return "The property '%s' has no column of its own in the table.".formatted(path);
				}
			}
		}
		return returnObstacle();
	}

	private @Nullable String returnObstacle() {
		if (this.returns == null) {
			return "It returns %s, which cannot be had of a delete.".formatted(this.returnType);
		}
		if (!this.returns.needsAggregates()) {
			return null;
		}
		JdbcAggregateOperations operations = this.parts.aggregates();
		if (operations == null) {
			return "It returns deleted aggregates, and there is no bean of type JdbcAggregateOperations to read them with.";
		}
		if (!new LockedAggregates(operations, this.domainType).canBeFound()) {
			return "It returns deleted aggregates, and class %s has no id in one column to lock and read them by."
				.formatted(this.domainType.getName());
		}
		return null;
	}

	/**
	 * Run the delete, in the caller's transaction or one of its own.
	 * @param deletes what it goes through
	 * @param arguments the arguments of the method
	 * @return what the method returns
	 */
	@Nullable Object execute(DeleteOperations deletes, @Nullable Object[] arguments) {
		@Nullable Criteria criteria = this.tree.hasPredicate()
				? new DerivedCriteria(this.tree, new RelationalParametersParameterAccessor(this.queryMethod, arguments))
					.createQuery()
				: null;
		ReturnKind kind = (this.returns != null) ? this.returns : ReturnKind.NOTHING;
		if (!kind.needsAggregates()) {
			DeleteOperations.Target target = deletes.from(this.domainType);
			return kind.ofRows(((criteria != null) ? target.where(criteria) : target.all()).execute().rows());
		}
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					"%s was called in a read-only transaction. Leave out readOnly = true there.".formatted(this));
		}
		return kind.ofAggregates(deleteInTransaction(deletes, kind, criteria));
	}

	/**
	 * An exception on its way through would mark the caller's transaction for rollback,
	 * and after a refusal, which changed nothing, that may go on.
	 */
	private List<?> deleteInTransaction(DeleteOperations deletes, ReturnKind kind, @Nullable Criteria criteria) {
		AtomicReference<@Nullable DataAccessException> refusal = new AtomicReference<>();
		List<?> deleted = this.parts.transactions().execute((status) -> {
			try {
				return deleteLocked(deletes, kind, criteria);
			}
			catch (IncorrectResultSizeDataAccessException | RestrictedDeletionException ex) {
				refusal.set(ex);
				return List.of();
			}
		});
		DataAccessException refused = refusal.get();
		if (refused != null) {
			throw refused;
		}
		return deleted;
	}

	private List<?> deleteLocked(DeleteOperations deletes, ReturnKind kind, @Nullable Criteria criteria) {
		JdbcAggregateOperations operations = this.parts.aggregates();
		Assert.state(operations != null, "There are no operations to read aggregates with.");
		LockedAggregates aggregates = new LockedAggregates(operations, this.domainType);
		List<Object> ids = aggregates.lock(criteria, liveColumn());
		if (kind.isSingle() && ids.size() > 1) {
			throw new IncorrectResultSizeDataAccessException(
					"%s returns one aggregate, and %d rows match. Nothing was deleted.".formatted(this, ids.size()), 1,
					ids.size());
		}
		List<?> read = aggregates.read(ids);
		if (!ids.isEmpty()) {
			DeletionResult result = deletes.from(this.domainType).byIds(ids).execute();
			if (result.rows() != read.size()) {
				throw new IncorrectUpdateSemanticsDataAccessException(
						"%s read %d rows and deleted %d, so it cannot say which. A trigger or a rule may stand in the way."
							.formatted(this, read.size(), result.rows()));
			}
		}
		return read;
	}

	/**
	 * A live view shows no deleted rows, and need not show the column.
	 */
	private @Nullable String liveColumn() {
		if (!this.policy.keepsRows() || this.policy.byLiveView()) {
			return null;
		}
		String said = this.policy.deletionTimeColumn();
		return SqlIdentifiers.parse((said != null) ? said : this.parts.defaultDeletionTimeColumn()).get(0);
	}

	@Override
	public String toString() {
		return MethodNames.of(this.method);
	}

}
