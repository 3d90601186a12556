package io.github.deletionpolicy.data;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestrictedDeletionException;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.IncorrectResultSizeDataAccessException;
import org.springframework.data.projection.SpelAwareProxyProjectionFactory;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.repository.query.RelationalParameters;
import org.springframework.data.relational.repository.query.RelationalParametersParameterAccessor;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.query.Parameters;
import org.springframework.data.repository.query.QueryMethod;
import org.springframework.data.repository.query.parser.Part;
import org.springframework.data.repository.query.parser.PartTree;

/**
 * A delete that Spring Data derives from the name of a method, sent by way of the policy.
 */
class DerivedDelete {

	private static final Pattern LIMITED = Pattern
		.compile("^(?:delete|remove)(?:Distinct)?(?:First|Top)\\d*(?:\\p{Lu}.*?)??By");

	private static final Set<Part.Type> UNKNOWN_TO_CRITERIA = EnumSet.of(Part.Type.REGEX, Part.Type.NEAR,
			Part.Type.WITHIN, Part.Type.EXISTS, Part.Type.IS_EMPTY, Part.Type.IS_NOT_EMPTY);

	private final RepositoryParts parts;

	private final Method method;

	private final Class<?> domainType;

	private final PartTree tree;

	private final QueryMethod queryMethod;

	private final ResolvableType returnType;

	private final @Nullable ReturnKind returns;

	DerivedDelete(RepositoryParts parts, Method method, RepositoryInformation repository) {
		this.parts = parts;
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
		DeleteOperations.Target target = deletes.from(this.domainType);
		DeleteOperations.Mode rows = (criteria != null) ? target.where(criteria) : target.all();
		if (!kind.needsAggregates()) {
			return kind.ofRows(rows.execute().rows());
		}
		return kind.ofAggregates(kind.isSingle() ? deleteOne(rows) : rows.returning(this.domainType).execute().rows());
	}

	/**
	 * A row that comes in after the first look has all of it rolled back.
	 */
	private List<?> deleteOne(DeleteOperations.Mode rows) {
		requireOne(rows.preview().rows());
		AtomicReference<@Nullable DataAccessException> refusal = new AtomicReference<>();
		List<?> deleted = this.parts.transactions().execute((status) -> {
			try {
				List<?> all = rows.returning(this.domainType).execute().rows();
				requireOne(all.size());
				return all;
			}
			catch (RestrictedDeletionException | ReadOnlyDeletionException ex) {
				// On its way through it would mark the caller's transaction for rollback,
				// and after a refusal, which changed nothing, that may go on.
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

	private void requireOne(long rows) {
		if (rows > 1) {
			throw new IncorrectResultSizeDataAccessException(
					"%s returns one aggregate, and %d rows match. Nothing was deleted.".formatted(this, rows), 1,
					(int) Math.min(rows, Integer.MAX_VALUE));
		}
	}

	@Override
	public String toString() {
		return MethodNames.of(this.method);
	}

}
