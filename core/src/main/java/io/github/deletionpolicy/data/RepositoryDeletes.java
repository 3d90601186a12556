package io.github.deletionpolicy.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.data.TablePolicies.Declared;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.data.jdbc.repository.aot.AotRepositoryFragmentSupport;
import org.springframework.data.jdbc.repository.query.JdbcQueryMethod;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.jdbc.repository.query.StringBasedJdbcQuery;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.core.support.QueryCreationListener;
import org.springframework.data.repository.core.support.RepositoryFragment;
import org.springframework.data.repository.core.support.RepositoryProxyPostProcessor;
import org.springframework.data.repository.query.RepositoryQuery;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * The deletes of one repository that Spring Data would send to the database by itself.
 * Derived ones go by the policy; for declared ones a warning says that they do not.
 * <p>
 * A listener is notified of the query behind each method, except of methods whose code
 * was generated before the start: those are found by their fragment.
 */
class RepositoryDeletes
		implements RepositoryProxyPostProcessor, QueryCreationListener<RepositoryQuery>, MethodInterceptor {

	private static final Log logger = LogFactory.getLog(RepositoryDeletes.class);

	private static final Pattern TABLE_NAME = Pattern.compile("#\\{#(?:tableName|qualifiedTableName)}");

	private static final String NAMED_QUERIES = "META-INF/jdbc-named-queries.properties";

	private final RepositoryParts parts;

	private final Map<Method, DerivedDelete> derived = new ConcurrentHashMap<>();

	private final Set<Method> seen = new HashSet<>();

	private @Nullable RepositoryInformation repository;

	private @Nullable Declared policy;

	private boolean governed;

	RepositoryDeletes(RepositoryParts parts) {
		this.parts = parts;
	}

	@Override
	public void postProcess(ProxyFactory factory, RepositoryInformation information) {
		this.repository = information;
		this.governed = !this.parts.policies().policies().isEmpty() && this.parts.areInTheSameDatabase();
		if (!this.governed) {
			return;
		}
		this.policy = new TablePolicies(this.parts.policies())
			.find(this.parts.mapping().tableOf(information.getDomainType()));
		if (this.policy != null) {
			factory.addAdvice(this);
		}
		Arrays.stream(information.getRepositoryInterface().getMethods())
			.filter((method) -> isGenerated(method, information))
			.forEach(this::addGenerated);
	}

	private static boolean isGenerated(Method method, RepositoryInformation information) {
		if (method.isDefault() || !information.isCustomMethod(method)) {
			return false;
		}
		RepositoryFragment<?> fragment = information.getRepositoryComposition().findFragment(method);
		return fragment != null && fragment.getImplementation()
			.filter((it) -> AotRepositoryFragmentSupport.class.isInstance(it))
			.isPresent();
	}

	private void addGenerated(Method method) {
		Query query = AnnotatedElementUtils.findMergedAnnotation(method, Query.class);
		String sql = (query != null && StringUtils.hasText(query.value())) ? query.value()
				: namedQuery(method, (query != null) ? query.name() : "");
		if (sql != null) {
			warnOfDeclared(method.getName(), sql);
		}
		else {
			addDerived(method);
		}
	}

	/**
	 * Look where Spring Data looks by default; which other place was configured, nothing
	 * public says.
	 */
	private @Nullable String namedQuery(Method method, String written) {
		String name = StringUtils.hasText(written) ? written
				: repository().getDomainType().getSimpleName() + "." + method.getName();
		try {
			return PropertiesLoaderUtils
				.loadAllProperties(NAMED_QUERIES, repository().getRepositoryInterface().getClassLoader())
				.getProperty(name);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(NAMED_QUERIES + " cannot be read.", ex);
		}
	}

	@Override
	public void onCreation(RepositoryQuery query) {
		if (!this.governed || !(query.getQueryMethod() instanceof JdbcQueryMethod method)) {
			return;
		}
		if (query instanceof StringBasedJdbcQuery) {
			warnOfDeclared(method.getName(), method.getRequiredQuery());
			return;
		}
		List<Method> namesakes = repository().getQueryMethods()
			.stream()
			.filter((it) -> it.getName().equals(method.getName()))
			.toList();
		namesakes.stream()
			.filter((it) -> namesakes.size() == 1 || !AnnotatedElementUtils.hasAnnotation(it, Query.class))
			.forEach(this::addDerived);
	}

	private void addDerived(Method method) {
		RepositoryInformation information = repository();
		Declared policy = this.policy;
		if (policy == null || !this.seen.add(method)
				|| !DerivedDelete.isDerivedFrom(method, information.getDomainType())) {
			return;
		}
		DerivedDelete delete = new DerivedDelete(this.parts, method, information);
		String obstacle = delete.obstacle();
		if (obstacle == null) {
			this.derived.put(method, delete);
			return;
		}
		this.parts.cannotObey(
				"%s is a derived delete from %s, and it cannot go by that policy. %s"
					.formatted(DerivedDelete.nameOf(information.getRepositoryInterface(), method), policy, obstacle),
				("Write the delete yourself, as in deletes.from(%s.class).where(...).execute(), or let the method take values only and "
						+ "return void, a number of rows, a boolean, the aggregate, or an Optional, List, Set or Stream of it. "
						+ "deletion-policy.repositories.derived-deletes=warn leaves the method to Spring Data, which removes the rows for good.")
					.formatted(information.getDomainType().getSimpleName()));
	}

	private void warnOfDeclared(String method, String sql) {
		RepositoryInformation information = repository();
		TablePolicies policies = new TablePolicies(this.parts.policies());
		DeleteStatements.tablesOf(withTableName(sql, information))
			.stream()
			.map(policies::find)
			.filter(Objects::nonNull)
			.filter(Declared::keepsRows)
			.distinct()
			.forEach((policy) -> logger
				.warn(("%s.%s is a statement of your own that removes rows from %s. It runs as it is written, so the rows are gone at once. "
						+ "To go by the policy, write deletes.from(\"%s\").where(...).execute() instead; write .hard() there if they are to be gone at once.")
					.formatted(information.getRepositoryInterface().getName(), method, policy,
							policy.policy().table())));
	}

	private String withTableName(String sql, RepositoryInformation information) {
		return TABLE_NAME.matcher(sql)
			.replaceAll((match) -> Matcher
				.quoteReplacement(this.parts.mapping().tableOf(information.getDomainType()).toSql()));
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		DerivedDelete delete = this.derived.get(invocation.getMethod());
		DeleteOperations deletes = (delete != null) ? this.parts.deletes() : null;
		return (delete != null && deletes != null) ? delete.execute(deletes, invocation.getArguments())
				: invocation.proceed();
	}

	private RepositoryInformation repository() {
		Assert.state(this.repository != null, "The repository is not known yet.");
		return this.repository;
	}

}
