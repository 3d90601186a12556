package io.github.deletionpolicy.autoconfigure.policy;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.PolicyContexts;
import io.github.deletionpolicy.autoconfigure.annotated.Customer;
import io.github.deletionpolicy.autoconfigure.annotated.Invoice;
import io.github.deletionpolicy.data.RelationalAggregateMapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.relational.core.mapping.NamingStrategy;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.Table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AnnotationDeclarationsTests {

	private static final DeletionPolicy CUSTOMER = DeletionPolicy.scheduled("customer", Duration.ofDays(30))
		.holdCondition("legal_hold");

	private static final DeletionPolicy INVOICES = DeletionPolicy.soft("billing.\"Invoices\"")
		.deletionTimeColumn("deleted_at");

	private final ApplicationContextRunner contextRunner = PolicyContexts.runner()
		.withInitializer((context) -> AutoConfigurationPackages.register((BeanDefinitionRegistry) context,
				Customer.class.getPackageName()));

	@Test
	void aggregateRootsInThePackagesOfTheApplicationDeclarePolicies() {
		this.contextRunner.run((context) -> {
			assertThat(registry(context).policies()).containsExactly(CUSTOMER, INVOICES);
			assertThat(registry(context).originOf("customer")).isEqualTo("class " + Customer.class.getName());
			assertThat(registry(context).policyFor("billing.\"Invoices\"")).isEqualTo(INVOICES);
		});
	}

	@Test
	void mappingOfTheApplicationSaysTheTable() {
		this.contextRunner.withBean(RelationalMappingContext.class, () -> new RelationalMappingContext(new Plural()))
			.run((context) -> assertThat(registry(context).policyFor("customers").mode())
				.isEqualTo(DeletionMode.SCHEDULED));
	}

	@Test
	void namingStrategyCountsWithoutAMappingContextToo() {
		this.contextRunner.withBean(NamingStrategy.class, Plural::new)
			.run((context) -> assertThat(registry(context).policyFor("customers").mode())
				.isEqualTo(DeletionMode.SCHEDULED));
	}

	@Test
	void propertiesAndBeansGoBeforeThem() {
		this.contextRunner.withBean("customers", DeletionPolicy.class, () -> DeletionPolicy.soft("Customer"))
			.withPropertyValues("deletion-policy.tables.invoices.table=billing.\"Invoices\"",
					"deletion-policy.tables.invoices.mode=hard")
			.run((context) -> {
				assertThat(registry(context).originOf("customer")).isEqualTo("bean 'customers'");
				assertThat(registry(context).policyFor("customer").mode()).isEqualTo(DeletionMode.SOFT);
				assertThat(registry(context).policyFor("billing.\"Invoices\"").mode()).isEqualTo(DeletionMode.HARD);
			});
	}

	@Test
	void withoutSpringDataTheStartFails() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(RelationalMappingContext.class))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Spring Data JDBC, which would say the table of " + Customer.class.getName()));
	}

	@ParameterizedTest
	@CsvSource({ "Bare, P1D", "Unit, PT12H", "Iso, P2DT3H", "Zero, PT0S" })
	void delayIsWrittenAsInProperties(String type, Duration delay) throws Exception {
		Class<?> annotated = Class.forName(getClass().getName() + "$" + type);
		assertThat(declarations(annotated)).singleElement()
			.extracting(Declaration::policy)
			.isInstanceOfSatisfying(DeletionPolicy.Scheduled.class,
					(policy) -> assertThat(policy.delay()).isEqualTo(delay));
	}

	@Test
	void annotationMayStandOnAnotherAnnotation() {
		assertThat(declarations(Composed.class)).singleElement()
			.extracting((declaration) -> declaration.policy().mode())
			.isEqualTo(DeletionMode.SOFT);
	}

	@Test
	void jpaEntityIsRefused() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(() -> declarations(Jpa.class))
			.satisfies((ex) -> {
				assertThat(ex.getDescription()).contains(Jpa.class.getName(), "is a JPA entity");
				assertThat(ex.getAction()).contains("deletion-policy.tables");
			});
	}

	private static List<Declaration> declarations(Class<?> annotated) {
		return AnnotationDeclarations.of(Set.of(annotated),
				new RelationalAggregateMapping(new RelationalMappingContext()));
	}

	private static DeletionPolicyRegistry registry(AssertableApplicationContext context) {
		return context.getBean(DeletionPolicyRegistry.class);
	}

	static class Plural implements NamingStrategy {

		@Override
		public String getTableName(Class<?> type) {
			return NamingStrategy.super.getTableName(type) + "s";
		}

	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "1")
	record Bare(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "12h")
	record Unit(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "P2DT3H")
	record Iso(Long id) {
	}

	@Deletion(mode = DeletionMode.SCHEDULED, delay = "0")
	record Zero(Long id) {
	}

	@ChunkTrimming
	@Table("kept")
	record Composed(Long id) {
	}

	@Deletion(mode = DeletionMode.SOFT)
	@jakarta.persistence.Entity
	static class Jpa {

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Deletion(mode = DeletionMode.SOFT)
	@interface ChunkTrimming {

	}

}
